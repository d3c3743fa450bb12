using Sampan.Engine.Containers;
using Sampan.Oci.Images;
using Sampan.Oci.Plugins;
using Sampan.Storage.Plugins;

namespace Sampan.Engine.Plugins;

/// <summary>Everything that can be done to managed plugins. Thread-safe.</summary>
public sealed partial class PluginOperations : IAsyncDisposable
{
    private readonly EngineParts _parts;
    private readonly PluginRunner _runner;
    private readonly Lock _gate = new();

    // Guarded by the gate: all plugins, and names of those that are just being made.
    private readonly Dictionary<string, Plugin> _plugins = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reserved = new(StringComparer.Ordinal);

    internal PluginOperations(EngineParts parts)
    {
        _parts = parts;
        _runner = new PluginRunner(parts);
        foreach (var record in parts.Images.Plugins())
            Enter(new Plugin(record));
    }

    /// <summary>All plugins, by name.</summary>
    public IReadOnlyList<PluginRecord> List()
    {
        lock (_gate)
            return [.. _plugins.Values.Select(plugin => plugin.Current).OrderBy(plugin => plugin.Name, StringComparer.Ordinal)];
    }

    /// <summary>A plugin by its name, its id or the first digits of that.</summary>
    /// <param name="reference">Which.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.InvalidArgument"/>: the digits fit several.</exception>
    public PluginRecord Get(string reference) => Find(reference).Current;

    /// <summary>The enabled plugin of a name that does something; null: there is no managed plugin of that name.</summary>
    /// <param name="reference">Which.</param>
    /// <param name="capability">What, such as <c>authz</c>.</param>
    /// <exception cref="EngineException">It is disabled, does not run, or does something else.</exception>
    public ManagedPlugin? Enabled(string reference, string capability) => Translate.Run(() => _parts.Volumes.Managed.Find(reference, capability));

    /// <summary>Plugins that the daemon itself works with, and why: they are in use as long as it runs.</summary>
    public IReadOnlyDictionary<string, string> UsedByDaemon { get; set; } = new Dictionary<string, string>();

    /// <summary>Makes a plugin of a tar with <c>config.json</c> and <c>rootfs/</c>.</summary>
    /// <param name="name">Its name; without a tag it gets <c>latest</c>.</param>
    /// <param name="context">The tar.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.AlreadyExists"/>: the name is taken. <see cref="ErrorKind.InvalidArgument"/>: the name, the tar or its configuration.</exception>
    public async Task CreateAsync(string name, Stream context, CancellationToken ct)
    {
        if (!ImageReference.TryParse(name, out var reference, out var error))
            throw EngineException.Invalid($"failed to parse reference {name}: {error}");
        if (reference.Digest is not null)
            throw EngineException.Invalid("canonical references are not permitted");
        var familiar = reference.Familiar;
        using var reserved = Reserve(familiar);
        var record = await Translate.ReadingAsync(() => _parts.Images.CreatePluginAsync(context, ContainerName.NewId(), familiar, Check, ct));
        Enter(new Plugin(record));
        Publish("create", record.Id, familiar);
    }

    /// <summary>Changes settings of a disabled plugin: all of them, or none.</summary>
    /// <param name="reference">Which.</param>
    /// <param name="settings">Each <c>NAME[.FIELD]=VALUE</c>.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Conflict"/>: it is enabled. <see cref="ErrorKind.InvalidArgument"/>: there is no such setting, or it may not be set.</exception>
    public Task SetAsync(string reference, IReadOnlyList<string> settings, CancellationToken ct) => WithAsync(reference, ct, plugin =>
    {
        if (plugin.Current.Enabled)
            throw EngineException.Conflict("cannot set on an active plugin, disable plugin before setting");
        Save(plugin, plugin.Current with { Settings = PluginSetting.Apply(plugin.Current.Config, plugin.Current.Settings, settings) });
        return Task.CompletedTask;
    });

    /// <summary>Removes a plugin with its files and all that it mounted for others.</summary>
    /// <param name="reference">Which.</param>
    /// <param name="force">One that is enabled or in use goes too.</param>
    /// <param name="ct">Gives up, before anything is done.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Conflict"/>: it is enabled, or volumes are of it.</exception>
    public Task RemoveAsync(string reference, bool force, CancellationToken ct) => WithAsync(reference, ct, async plugin =>
    {
        if (!force)
        {
            RequireUnused(plugin.Current);
            if (plugin.Current.Enabled)
                throw EngineException.Conflict($"plugin {plugin.Current.Name} is enabled");
        }

        if (plugin.Current.Enabled)
            await StopAsync(plugin);
        _runner.RequireUnmounted(plugin);
        Translate.Run(() => _parts.Images.RemovePlugin(plugin.Id));
        plugin.IsRemoved = true;
        lock (_gate)
            _plugins.Remove(plugin.Id);
        _parts.Volumes.Managed.Remove(plugin.Id);
        Publish("remove", plugin.Id, reference);
    });

    /// <summary>Stops watching; plugins run on, and the next engine on these roots finds them.</summary>
    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    private void Check(PluginConfig config) => PluginCheck.Verify(config, _parts.KnownCapabilities);

    private Plugin Find(string reference)
    {
        var found = Translate.Run(() => _parts.Volumes.Managed.Find(reference));
        lock (_gate)
            return found is not null && _plugins.TryGetValue(found.Record.Id, out var plugin) ? plugin : throw EngineException.NotFound($"plugin \"{reference}\" not found");
    }

    // One change of a plugin at a time; what was removed meanwhile is not there.
    private async Task WithAsync(string reference, CancellationToken ct, Func<Plugin, Task> act)
    {
        var plugin = Find(reference);
        await plugin.Gate.WaitAsync(ct);
        try
        {
            if (plugin.IsRemoved)
                throw EngineException.NotFound($"plugin \"{reference}\" not found");
            await act(plugin);
        }
        finally
        {
            plugin.Gate.Release();
        }
    }

    private void Enter(Plugin plugin)
    {
        lock (_gate)
            _plugins[plugin.Id] = plugin;
        _runner.Tell(plugin, null);
    }

    private void Save(Plugin plugin, PluginRecord record)
    {
        Translate.Run(() => _parts.Images.SavePlugin(record));
        plugin.Current = record;
        _runner.Tell(plugin, null);
    }

    private NameReservation Reserve(string name)
    {
        lock (_gate)
        {
            if (_plugins.Values.Any(plugin => plugin.Current.Name == name) || !_reserved.Add(name))
                throw new EngineException(ErrorKind.AlreadyExists, $"plugin {name} already exists");
        }

        return new NameReservation(this, name);
    }

    // Docker counts the volumes of a driver, whoever mounts them.
    private void RequireUnused(PluginRecord plugin)
    {
        if (UsedByDaemon.FirstOrDefault(use => _parts.Volumes.Managed.Find(use.Key)?.Record.Id == plugin.Id) is { Value: { } why })
            throw EngineException.Conflict($"plugin {plugin.Name} is in use: {why}");
        if (plugin.Provides("volumedriver") && _parts.Volumes.List().Where(volume => volume.Driver == plugin.Name).Select(volume => volume.Name).ToList() is [var first, ..] volumes)
            throw EngineException.Conflict($"plugin {plugin.Name} is in use: volume '{first}'{(volumes.Count > 1 ? $" and {volumes.Count - 1} more are" : " is")} of it");
    }

    private void Publish(string action, string id, string name) =>
        _parts.Events.Publish("plugin", action, id, new Dictionary<string, string> { ["name"] = name });

    private sealed class NameReservation(PluginOperations plugins, string name) : IDisposable
    {
        public void Dispose()
        {
            lock (plugins._gate)
                plugins._reserved.Remove(name);
        }
    }
}
