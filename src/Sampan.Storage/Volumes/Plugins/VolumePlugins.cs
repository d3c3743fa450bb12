using System.Text.Json;
using Sampan.Storage.Plugins;

namespace Sampan.Storage.Volumes.Plugins;

/// <summary>The volume plugins of this machine: found by their sockets and address files each time somebody asks, as Docker does.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class VolumePlugins(VolumePluginOptions options) : IDisposable
{
    private const string Capability = "volumedriver";
    private const int MaxSpecBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, VolumePlugin> _activated = new(StringComparer.Ordinal);

    /// <summary>Names of all that can be found now.</summary>
    internal IReadOnlyList<string> Names()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var directory in options.SocketDirectories)
            AddNames(names, directory, ".sock");
        foreach (var directory in options.SpecDirectories)
        {
            AddNames(names, directory, ".spec");
            AddNames(names, directory, ".json");
        }

        names.UnionWith(options.Managed.With(Capability).Select(plugin => plugin.Record.Name));
        return [.. names];
    }

    /// <summary>The name under which volumes remember a driver: a managed plugin's with its tag, any other as it is.</summary>
    internal string Canonical(string driver) => options.Managed.Find(driver)?.Record.Name ?? driver;

    /// <summary>A plugin that has shaken hands.</summary>
    /// <exception cref="StorageException">NotFound: there is none of that name. InvalidInput: it is no volume driver. Unavailable, Refused: it does not behave.</exception>
    internal async Task<VolumePlugin> GetAsync(string name, CancellationToken ct)
    {
        var (plugin, other) = await FindAsync(name, ct).ConfigureAwait(false);
        return plugin ?? throw new StorageException(StorageError.InvalidInput, $"plugin \"{name}\" does not implement \"VolumeDriver\": it says it implements {other}");
    }

    /// <summary>As above; a plugin that is of another kind, as those that authorize, is none.</summary>
    /// <returns>The plugin, or what it says that it is instead.</returns>
    internal async Task<(VolumePlugin? Plugin, string? Other)> FindAsync(string name, CancellationToken ct)
    {
        var managed = Managed(name);
        if (managed is not null)
            name = managed.Record.Name;
        var address = managed is not null ? new Uri("unix://" + managed.Socket) : Find(name) ?? throw Missing(name);
        lock (_gate)
        {
            if (_activated.TryGetValue(name, out var known) && known.Address == address && ReferenceEquals(known.Managed, managed))
                return (known, null);
        }

        var plugin = managed is not null ? new VolumePlugin(managed, options) : new VolumePlugin(name, address, options);
        string? other;
        try
        {
            other = await plugin.ActivateAsync(ct).ConfigureAwait(false);
        }
        catch
        {
            plugin.Dispose();
            throw;
        }

        if (other is not null)
        {
            plugin.Dispose();
            return (null, other);
        }

        lock (_gate)
        {
            // One at another address, or one that somebody else activated at this moment: it may be in the middle of a call, and goes with its last.
            _activated[name] = plugin;
        }

        return (plugin, null);
    }

    /// <summary>Closes all connections.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var plugin in _activated.Values)
                plugin.Dispose();
            _activated.Clear();
        }
    }

    private StorageException Missing(string name) => new(
        StorageError.NotFound,
        $"error looking up volume plugin {name}: plugin \"{name}\" not found: there is neither {options.SocketDirectories[0]}/{name}.sock nor an address file of it in {string.Join(" or ", options.SpecDirectories)}");

    private ManagedPlugin? Managed(string name)
    {
        try
        {
            return options.Managed.Find(name, Capability);
        }
        catch (StorageException unusable)
        {
            throw new StorageException(unusable.Kind, $"error looking up volume plugin {name}: {unusable.Message}", unusable);
        }
    }

    private Uri? Find(string name)
    {
        // It becomes part of paths.
        if (name.Length > 128 || !char.IsAsciiLetterOrDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
            throw new StorageException(StorageError.InvalidInput, $"invalid volume driver name '{name}'");
        foreach (var path in options.SocketDirectories.SelectMany(directory => new[] { Path.Combine(directory, name + ".sock"), Path.Combine(directory, name, name + ".sock") }))
        {
            if (File.Exists(path))
                return new Uri("unix://" + path);
        }

        foreach (var path in options.SpecDirectories.SelectMany(directory => new[] { ".spec", ".json" }.SelectMany(ending => new[] { Path.Combine(directory, name + ending), Path.Combine(directory, name, name + ending) })))
        {
            if (File.Exists(path))
                return ReadAddress(name, path);
        }

        return null;
    }

    private static Uri ReadAddress(string name, string path)
    {
        if (new FileInfo(path).Length > MaxSpecBytes)
            throw Wrong(path, $"it has more than {MaxSpecBytes} bytes");
        var text = File.ReadAllText(path).Trim();
        if (path.EndsWith(".json", StringComparison.Ordinal))
        {
            PluginSpec? spec;
            try
            {
                spec = JsonSerializer.Deserialize(text, PluginJson.Default.PluginSpec);
            }
            catch (JsonException broken)
            {
                throw Wrong(path, broken.Message);
            }

            if (spec?.TLSConfig is { ValueKind: JsonValueKind.Object })
                throw new StorageException(StorageError.NotSupported, $"'TLSConfig' in '{path}' is not supported: let plugin \"{name}\" listen on a unix socket");
            text = spec?.Addr ?? "";
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "unix" or "tcp" or "http"
            ? address
            : throw Wrong(path, $"'{text}' is no address: expected unix:///path, tcp://host:port or http://host:port");
    }

    private static StorageException Wrong(string path, string why) => new(StorageError.InvalidInput, $"cannot read the plugin's address in '{path}': {why}");

    private static void AddNames(SortedSet<string> names, string directory, string ending)
    {
        if (!Directory.Exists(directory))
            return;
        foreach (var entry in Directory.EnumerateFileSystemEntries(directory))
        {
            var name = Path.GetFileName(entry);
            if (name.EndsWith(ending, StringComparison.Ordinal) && name.Length > ending.Length)
                names.Add(name[..^ending.Length]);
            else if (File.Exists(Path.Combine(entry, name + ending)))
                names.Add(name);
        }
    }
}
