using System.Collections.Immutable;
using Sampan.Oci.Images;

namespace Sampan.Storage.Plugins;

/// <summary>The managed plugins that there are now, for those who use them by name. Whoever runs them says what changes.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class ManagedPlugins
{
    private ImmutableDictionary<string, ManagedPlugin> _byId = ImmutableDictionary<string, ManagedPlugin>.Empty;

    /// <summary>All, enabled or not.</summary>
    public IEnumerable<ManagedPlugin> All => _byId.Values;

    /// <summary>One is there, or has changed.</summary>
    public void Set(ManagedPlugin plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        ImmutableInterlocked.AddOrUpdate(ref _byId, plugin.Record.Id, plugin, (_, _) => plugin);
    }

    /// <summary>One is gone.</summary>
    public void Remove(string id) => ImmutableInterlocked.TryRemove(ref _byId, id, out _);

    /// <summary>One by its name, with or without the tag <c>latest</c>, its id, or the first digits of that.</summary>
    /// <returns>Null: there is none.</returns>
    /// <exception cref="StorageException">InvalidInput: the digits fit several.</exception>
    public ManagedPlugin? Find(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var all = _byId;
        if (all.TryGetValue(reference, out var known))
            return known;
        if (!ImageReference.TryParse(reference, out var name, out _) || name.Digest is not null)
            return null;
        var familiar = name.Familiar;
        if (all.Values.FirstOrDefault(plugin => plugin.Record.Name == familiar) is { } named)
            return named;
        var fitting = all.Values.Where(plugin => plugin.Record.Id.StartsWith(reference, StringComparison.Ordinal)).Take(2).ToList();
        return fitting.Count < 2 ? fitting.SingleOrDefault() : throw new StorageException(StorageError.InvalidInput, $"multiple plugins found for \"{reference}\"");
    }

    /// <summary>One that can be spoken with about a capability.</summary>
    /// <returns>Null: there is no managed plugin of that name.</returns>
    /// <exception cref="StorageException">Conflict: it is disabled. InvalidInput: it does something else. Unavailable: it does not run now.</exception>
    public ManagedPlugin? Find(string reference, string capability)
    {
        if (Find(reference) is not { } plugin)
            return null;
        if (!plugin.Record.Enabled)
            throw new StorageException(StorageError.Conflict, $"plugin {reference} found but disabled");
        if (!plugin.Record.Provides(capability))
            throw new StorageException(StorageError.InvalidInput, $"plugin {reference}: plugin does not provide \"{capability}\" capability");
        return plugin.Trouble is null ? plugin : throw new StorageException(StorageError.Unavailable, $"plugin {reference} is enabled but does not run: {plugin.Trouble}");
    }

    /// <summary>The enabled ones that provide something.</summary>
    public IEnumerable<ManagedPlugin> With(string capability) => All.Where(plugin => plugin.Record.Enabled && plugin.Record.Provides(capability));
}
