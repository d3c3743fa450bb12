using System.Globalization;
using Sampan.Linux;
using Sampan.Storage.Volumes.Plugins;

namespace Sampan.Storage.Volumes;

/// <content>Volumes of plugins beside the local ones.</content>
public sealed partial class VolumeStore
{
    private readonly VolumePlugins _plugins;

    // One creation or removal of a name at a time: a plugin may be slow, neither the store's own gate nor other names must wait for it.
    private readonly NameTurns _turns = new();

    // Names that are being made or removed while nobody holds the gate, by a copy or a plugin; guarded by the gate.
    private readonly HashSet<string> _reserved = new(StringComparer.Ordinal);

    /// <summary>Names of the drivers: the local one, then the plugins that can be found now.</summary>
    public IReadOnlyList<string> Drivers() => ["local", .. _plugins.Names()];

    /// <summary>Makes a volume; one that is there already is given back as it is.</summary>
    /// <exception cref="StorageException">
    /// InvalidInput: a bad name or option. NotFound: no such driver. Conflict: another driver has a volume of that name. Unavailable, Refused: the plugin.
    /// </exception>
    public Task<VolumeRecord> CreateAsync(VolumeRequest request, CancellationToken ct) => CreateAsync(request, null, ct);

    internal async Task<VolumeRecord> CreateAsync(VolumeRequest request, VolumeMaker? maker, CancellationToken ct)
    {
        if (request.Plugin is { } asked)
            request = request with { Driver = _plugins.Canonical(asked) };
        if (string.IsNullOrEmpty(request.Name))
            return request.Plugin is null ? Create(null, request.Labels, request.Options, maker) : await CreateAsync(NewName(), request, maker, ct).ConfigureAwait(false);
        if (Want(request.Name, maker?.For) is { } known)
            return Same(known, request);
        if (string.IsNullOrEmpty(request.Driver) && await FindAsync(request.Name, ct).ConfigureAwait(false) is { } elsewhere)
            return elsewhere;
        return await CreateAsync(CheckName(request.Name), request, maker, ct).ConfigureAwait(false);
    }

    private async Task<VolumeRecord> CreateAsync(string name, VolumeRequest request, VolumeMaker? maker, CancellationToken ct)
    {
        using var turn = await _turns.TakeAsync(name, ct).ConfigureAwait(false);
        if (Want(name, maker?.For) is { } meanwhile)
            return Same(meanwhile, request);
        if (request.Plugin is not { } driver)
            return Same(Create(name, request.Labels, request.Options, maker), request);
        var isAnonymous = string.IsNullOrEmpty(request.Name);
        var plugin = await _plugins.GetAsync(driver, ct).ConfigureAwait(false);
        lock (_gate)
        {
            RequireFree(name);
            _reserved.Add(name);
        }

        try
        {
            if (isAnonymous)
                maker?.Making(name);
            // From here on to the end, whether its asker stays or not: nobody knows how far the plugin has got.
            await plugin.CreateAsync(name, request.Options, CancellationToken.None).ConfigureAwait(false);
            try
            {
                return Enter(new VolumeRecord { Name = name, Created = _time.GetUtcNow(), Labels = request.Labels, Options = request.Options, Anonymous = isAnonymous, Driver = driver, Scope = plugin.Scope });
            }
            catch
            {
                await plugin.RemoveAsync(name, CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }
        finally
        {
            lock (_gate)
                _reserved.Remove(name);
        }
    }

    /// <summary>A volume with what its plugin says of it now; null: nobody has one of that name.</summary>
    /// <exception cref="StorageException">Unavailable, Refused: the plugin that has it does not behave.</exception>
    public async Task<VolumeRecord?> FindAsync(string name, CancellationToken ct)
    {
        if (Find(name) is { } known)
        {
            if (known.Driver is not { } driver)
                return known;
            var plugin = await _plugins.GetAsync(driver, ct).ConfigureAwait(false);
            var told = await plugin.GetAsync(name, ct).ConfigureAwait(false);
            return told is null ? known : known with { MountPoint = told.Mountpoint ?? "", Status = told.Status };
        }

        if (!IsName(name))
            return null;
        // One that a plugin has without our doing, from another machine say.
        foreach (var driver in _plugins.Names())
        {
            try
            {
                var plugin = await _plugins.GetAsync(driver, ct).ConfigureAwait(false);
                if (await plugin.GetAsync(name, ct).ConfigureAwait(false) is not null && await TakeInAsync(plugin, name, ct).ConfigureAwait(false))
                    return await FindAsync(name, ct).ConfigureAwait(false);
            }
            catch (StorageException silent) when (silent.Kind is StorageError.Unavailable or StorageError.Refused or StorageError.InvalidInput or StorageError.NotFound or StorageError.NotSupported)
            {
                // It may have the volume, and cannot say so: for whoever asks there is none.
            }
        }

        return null;
    }

    // What the plugin showed may have been on its way out: asked again when nobody makes or removes it.
    private async Task<bool> TakeInAsync(VolumePlugin plugin, string name, CancellationToken ct)
    {
        using var turn = await _turns.TakeAsync(name, ct).ConfigureAwait(false);
        if (Find(name) is null && await plugin.GetAsync(name, ct).ConfigureAwait(false) is { } found)
            Enter(Of(found, plugin));
        return Find(name) is not null;
    }

    /// <summary>All volumes, with those that plugins have without our doing.</summary>
    public async Task<VolumeListing> ListAsync(CancellationToken ct)
    {
        var volumes = new SortedDictionary<string, VolumeRecord>(List().ToDictionary(volume => volume.Name, StringComparer.Ordinal), StringComparer.Ordinal);
        var warnings = new List<string>();
        foreach (var driver in _plugins.Names())
        {
            try
            {
                if (await _plugins.FindAsync(driver, ct).ConfigureAwait(false) is not ({ } plugin, _))
                    continue; // its socket lies where drivers' do
                foreach (var told in (await plugin.ListAsync(ct).ConfigureAwait(false)).Where(told => told.Name is { Length: > 0 } name && IsName(name)))
                {
                    if (!volumes.TryGetValue(told.Name ?? "", out var known))
                        volumes[told.Name ?? ""] = Of(told, plugin) with { MountPoint = told.Mountpoint ?? "" };
                    else if (known.Driver == driver)
                        volumes[known.Name] = known with { MountPoint = told.Mountpoint ?? "" };
                }
            }
            catch (StorageException silent)
            {
                warnings.Add($"cannot list the volumes of driver \"{driver}\": {silent.Message}");
            }
        }

        return new VolumeListing([.. volumes.Values], warnings);
    }

    /// <summary>Removes a volume, through its plugin if it has one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="force">The record goes though the plugin fails.</param>
    /// <param name="usedBy">A container that uses it, or null.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="StorageException">As <see cref="Remove"/>; NotFound also if its plugin has it no more; Unavailable, Refused: the plugin.</exception>
    public async Task RemoveAsync(string name, bool force, Func<VolumeRecord, string?> usedBy, CancellationToken ct)
    {
        using var turn = await _turns.TakeAsync(name, ct).ConfigureAwait(false);
        VolumeRecord volume;
        lock (_gate)
        {
            volume = RequireUnused(name, usedBy);
            if (volume.Driver is null)
            {
                Remove(name, usedBy);
                return;
            }

            // Nobody begins to use it any more.
            _volumes.Remove(name);
            _reserved.Add(name);
        }

        var isGone = false;
        var isTheirs = true;
        try
        {
            isTheirs = await RemoveByPluginAsync(volume.Driver, name, ct).ConfigureAwait(false);
            isGone = true;
        }
        catch (StorageException) when (force)
        {
            // Asked for: a plugin that is gone must not keep its volumes in our list.
            isGone = true;
        }
        finally
        {
            lock (_gate)
            {
                _reserved.Remove(name);
                _volumes[name] = volume;
                if (isGone)
                {
                    _records.Remove(name);
                    _volumes.Remove(name);
                }
            }
        }

        if (!isTheirs && !force)
            throw NoSuchVolume(name);
    }

    // False: the plugin has none of that name any more; somebody removed it past us, or a daemon that died before it wrote so.
    private async Task<bool> RemoveByPluginAsync(string driver, string name, CancellationToken ct)
    {
        var plugin = await _plugins.GetAsync(driver, ct).ConfigureAwait(false);
        try
        {
            // To the end, whether its asker stays or not.
            await plugin.RemoveAsync(name, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (StorageException refused) when (refused.Kind == StorageError.Refused)
        {
            // The protocol has no word for "no such volume" but an error: what it lists is what it has.
            if ((await plugin.ListAsync(CancellationToken.None).ConfigureAwait(false)).Any(volume => volume.Name == name))
                throw;
            return false;
        }
    }

    internal Task<VolumePlugin> PluginAsync(string driver, CancellationToken ct) => _plugins.GetAsync(driver, ct);

    /// <summary>Closes the lines to plugins.</summary>
    public void Dispose() => _plugins.Dispose();

    private void RequireFree(string name)
    {
        if (_reserved.Contains(name))
            throw new StorageException(StorageError.Conflict, $"create {name}: a volume of that name is just being made or removed");
        // Nobody made this volume, and what would be written goes to wherever the link leads.
        if (new FileInfo(_records.DirectoryOf(name)).LinkTarget is { } target)
            throw new StorageException(StorageError.Conflict, $"create {name}: '{_records.DirectoryOf(name)}' is a link to '{target}': remove it, or give the volume another name");
    }

    private static VolumeRecord Same(VolumeRecord known, VolumeRequest request) =>
        request.Driver is { Length: > 0 } driver && driver != (known.Driver ?? "local")
            ? throw new StorageException(StorageError.Conflict, $"create {known.Name}: conflict: volume name must be unique: driver \"{known.Driver ?? "local"}\" has one of that name")
            : known;

    internal VolumeRecord Enter(VolumeRecord volume)
    {
        lock (_gate)
        {
            if (_volumes.TryGetValue(volume.Name, out var known))
                return known;
            try
            {
                _records.Save(volume.Name, volume, durable: true);
            }
            catch (LinuxException refused)
            {
                throw new StorageException(StorageError.Refused, $"cannot create volume '{volume.Name}': {refused.Message}", refused);
            }

            return _volumes[volume.Name] = volume;
        }
    }

    private VolumeRecord Of(PluginVolume told, VolumePlugin plugin) => new()
    {
        Name = told.Name ?? "",
        Created = DateTimeOffset.TryParse(told.CreatedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created) ? created : _time.GetUtcNow(),
        Driver = plugin.Name,
        Scope = plugin.Scope,
    };
}
