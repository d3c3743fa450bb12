using Sampan.Engine.Containers;
using Sampan.Storage.Collection;
using Sampan.Storage.Volumes;

namespace Sampan.Engine.Volumes;

/// <summary>Everything that can be done to volumes. Thread-safe.</summary>
public sealed partial class VolumeOperations
{
    private readonly EngineParts _parts;
    private readonly ContainerOperations _containers;

    internal VolumeOperations(EngineParts parts, ContainerOperations containers)
    {
        _parts = parts;
        _containers = containers;
    }

    /// <summary>Names of the drivers that can be found now: <c>local</c>, then plugins.</summary>
    public IReadOnlyList<string> Drivers() => _parts.Volumes.Drivers();

    /// <summary>Makes a volume; one that is there stays as it is.</summary>
    /// <param name="wish">What is wanted.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException">
    /// <see cref="ErrorKind.InvalidArgument"/>: a bad name or option. <see cref="ErrorKind.NotFound"/>: no such driver. <see cref="ErrorKind.Conflict"/>: another driver
    /// has one of that name. <see cref="ErrorKind.NotSupported"/>: a size where the file system has no quotas. <see cref="ErrorKind.Unavailable"/>: the driver.
    /// </exception>
    public async Task<VolumeSnapshot> CreateAsync(VolumeWish wish, CancellationToken ct)
    {
        var isThere = !string.IsNullOrEmpty(wish.Name) && _parts.Volumes.Find(wish.Name) is not null;
        var request = new VolumeRequest { Name = wish.Name, Driver = wish.Driver, Labels = wish.Labels, Options = wish.Options };
        var volume = await Translate.RunAsync(() => _parts.Volumes.CreateAsync(request, ct));
        if (!isThere)
            Publish(volume.Name, "create", volume.Driver);
        return Of(volume);
    }

    /// <summary>A volume by its name, with what its plugin says of it now.</summary>
    /// <param name="name">Which.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Unavailable"/>: its plugin does not answer.</exception>
    public async Task<VolumeSnapshot> GetAsync(string name, CancellationToken ct) =>
        Of(await Translate.RunAsync(() => _parts.Volumes.FindAsync(name, ct)) ?? throw EngineException.NotFound($"get {name}: no such volume"));

    /// <summary>All volumes that the engine made, by name.</summary>
    public IReadOnlyList<VolumeSnapshot> List() => [.. Translate.Run(_parts.Volumes.List).Select(Of).OrderBy(v => v.Name, StringComparer.Ordinal)];

    /// <summary>All volumes, with those that plugins have without our doing.</summary>
    /// <param name="ct">Gives up.</param>
    public async Task<VolumesListed> ListAllAsync(CancellationToken ct)
    {
        var listing = await Translate.RunAsync(() => _parts.Volumes.ListAsync(ct));
        return new VolumesListed([.. listing.Volumes.Select(Of)], listing.Warnings);
    }

    /// <summary>The ids of containers, running or not, that mount a volume.</summary>
    /// <param name="name">Which.</param>
    public IReadOnlyList<string> UsedBy(string name) => [.. _parts.Registry.All.Where(c => c.Current.Mounts.Any(m => m.VolumeName == name)).Select(c => c.Id)];

    /// <summary>Removes a volume and what is in it.</summary>
    /// <param name="name">Which.</param>
    /// <param name="force">One that is not there is no error, nor is a plugin that fails.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Conflict"/>: a container mounts it.</exception>
    public async Task RemoveAsync(string name, bool force, CancellationToken ct)
    {
        var volume = _parts.Volumes.Find(name) ?? await Translate.RunAsync(() => _parts.Volumes.FindAsync(name, ct));
        if (volume is null && force)
            return;
        if (volume is null)
            throw EngineException.NotFound($"get {name}: no such volume");
        if (UsedBy(name) is [_, ..] users)
            throw EngineException.Conflict($"remove {name}: volume is in use - [{string.Join(", ", users)}]");
        // Asked again under the store's gate: a container may be made at this moment.
        try
        {
            await Translate.RunAsync(() => _parts.Volumes.RemoveAsync(name, force, v => UsedBy(v.Name) is [var user, ..] ? user : null, ct));
        }
        catch (EngineException gone) when (force && gone.Kind == ErrorKind.NotFound)
        {
            // Somebody else removed it meanwhile.
            return;
        }

        Publish(name, "destroy", volume.Driver);
    }

    /// <summary>Removes local volumes that no container mounts.</summary>
    /// <param name="which">Which of them.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<VolumesPruned> PruneAsync(Func<VolumeSnapshot, bool> which, CancellationToken ct)
    {
        var names = new List<string>();
        long bytes = 0;
        foreach (var volume in List().Where(v => v.Driver == "local" && UsedBy(v.Name).Count == 0 && which(v)))
        {
            var size = new DiskMeter().Of(Path.GetDirectoryName(volume.Mountpoint) ?? volume.Mountpoint);
            try
            {
                await RemoveAsync(volume.Name, force: false, ct);
            }
            catch (EngineException taken) when (taken.Kind is ErrorKind.Conflict or ErrorKind.NotFound)
            {
                // A container was made meanwhile that mounts it, or somebody else removed it.
                continue;
            }

            names.Add(volume.Name);
            bytes += size;
        }

        _parts.Events.Pruned("volume", bytes);
        return new VolumesPruned(names, bytes);
    }

    private void Publish(string name, string action, string? driver = null) =>
        _parts.Events.Publish("volume", action, name, new Dictionary<string, string> { ["driver"] = driver ?? "local" });

    private static VolumeSnapshot Of(VolumeRecord volume) => new()
    {
        Name = volume.Name,
        Mountpoint = volume.MountPoint,
        Driver = volume.Driver ?? "local",
        Scope = volume.Scope,
        Status = volume.Status,
        ReadOnly = volume.ReadOnly,
        Created = volume.Created,
        Labels = volume.Labels,
        Options = volume.Options,
        Anonymous = volume.Anonymous,
    };
}
