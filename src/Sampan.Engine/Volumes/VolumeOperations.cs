using Sampan.Storage.Collection;
using Sampan.Storage.Volumes;

namespace Sampan.Engine.Volumes;

/// <summary>Everything that can be done to volumes. Thread-safe.</summary>
public sealed class VolumeOperations
{
    private readonly EngineParts _parts;

    internal VolumeOperations(EngineParts parts) => _parts = parts;

    /// <summary>Makes a volume; one that is there stays as it is.</summary>
    /// <param name="name">Null or empty: an anonymous one.</param>
    /// <param name="labels">The user's labels.</param>
    /// <param name="driver">Null or <c>local</c>.</param>
    /// <param name="options">The driver's options; local has none yet.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: it is no name. <see cref="ErrorKind.NotSupported"/>: another driver, or options.</exception>
    public VolumeSnapshot Create(string? name, IReadOnlyDictionary<string, string> labels, string? driver, IReadOnlyDictionary<string, string> options)
    {
        if (driver is not (null or "" or "local"))
            throw EngineException.NotSupported($"volume driver '{driver}' is not supported: use 'local'");
        if (options.Count > 0)
            throw EngineException.NotSupported($"volume option '{options.Keys.First()}' is not supported by the local driver");
        var wanted = string.IsNullOrEmpty(name) ? null : name;
        if (wanted is not null && Translate.Run(() => _parts.Volumes.Find(wanted)) is { } existing)
            return Of(existing);
        var volume = Translate.Run(() => _parts.Volumes.Create(wanted, labels, null));
        Publish(volume.Name, "create");
        return Of(volume);
    }

    /// <summary>A volume by its name.</summary>
    /// <param name="name">Which.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>.</exception>
    public VolumeSnapshot Get(string name) => Of(Find(name));

    /// <summary>All volumes, by name.</summary>
    public IReadOnlyList<VolumeSnapshot> List() => [.. Translate.Run(_parts.Volumes.List).Select(Of).OrderBy(v => v.Name, StringComparer.Ordinal)];

    /// <summary>The ids of containers, running or not, that mount a volume.</summary>
    /// <param name="name">Which.</param>
    public IReadOnlyList<string> UsedBy(string name) => [.. _parts.Registry.All.Where(c => c.Current.Mounts.Any(m => m.VolumeName == name)).Select(c => c.Id)];

    /// <summary>Removes a volume and what is in it.</summary>
    /// <param name="name">Which.</param>
    /// <param name="force">One that is not there is no error.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Conflict"/>: a container mounts it.</exception>
    public void Remove(string name, bool force)
    {
        if (force && Translate.Run(() => _parts.Volumes.Find(name)) is null)
            return;
        Find(name);
        if (UsedBy(name) is [_, ..] users)
            throw EngineException.Conflict($"remove {name}: volume is in use - [{string.Join(", ", users)}]");
        // Asked again under the store's gate: a container may be made at this moment.
        Translate.Run(() => _parts.Volumes.Remove(name, volume => UsedBy(volume.Name) is [var user, ..] ? user : null));
        Publish(name, "destroy");
    }

    /// <summary>Removes volumes that no container mounts.</summary>
    /// <param name="which">Which of them.</param>
    public VolumesPruned Prune(Func<VolumeSnapshot, bool> which)
    {
        var names = new List<string>();
        long bytes = 0;
        foreach (var volume in List().Where(v => UsedBy(v.Name).Count == 0 && which(v)))
        {
            var size = new DiskMeter().Of(Path.GetDirectoryName(volume.Mountpoint) ?? volume.Mountpoint);
            try
            {
                Remove(volume.Name, force: true);
            }
            catch (EngineException taken) when (taken.Kind is ErrorKind.Conflict or ErrorKind.NotFound)
            {
                // A container was made meanwhile that mounts it, or somebody else removed it.
                continue;
            }

            names.Add(volume.Name);
            bytes += size;
        }

        return new VolumesPruned(names, bytes);
    }

    private VolumeRecord Find(string name) =>
        Translate.Run(() => _parts.Volumes.Find(name)) ?? throw EngineException.NotFound($"get {name}: no such volume");

    private void Publish(string name, string action) =>
        _parts.Events.Publish("volume", action, name, new Dictionary<string, string> { ["driver"] = "local" });

    private static VolumeSnapshot Of(VolumeRecord volume) => new()
    {
        Name = volume.Name,
        Mountpoint = volume.MountPoint,
        Created = volume.Created,
        Labels = volume.Labels,
        Options = volume.Options,
        Anonymous = volume.Anonymous,
    };
}
