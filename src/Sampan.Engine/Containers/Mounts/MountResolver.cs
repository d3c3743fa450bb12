using Sampan.Engine.Containers.Wishes;
using Sampan.Storage.Volumes;

namespace Sampan.Engine.Containers.Mounts;

/// <summary>
/// Decides at creation what is mounted where: volumes of other containers, then <c>-v</c>, <c>--mount</c>, <c>--tmpfs</c>, then anonymous
/// volumes for what is left. Later ones win over those taken from other containers; among the user's own, one path twice is an error.
/// </summary>
internal sealed class MountResolver(VolumeLease volumes, ContainerRegistry registry, Undo undo, CancellationToken ct)
{
    private readonly Dictionary<string, MountPoint> _mounts = [];
    private readonly HashSet<string> _own = [];

    /// <summary>The mounts; volumes that were not there are made, and unmade by the undo stack.</summary>
    public async Task<IReadOnlyList<MountPoint>> ResolveAsync(ContainerSpec spec)
    {
        foreach (var from in spec.VolumesFrom)
            await BorrowAsync(from);
        foreach (var bind in spec.Binds)
            Add(await OfAsync(bind, spec.VolumeDriver));
        foreach (var mount in spec.Mounts)
            Add(await OfAsync(mount, spec.VolumeDriver));
        foreach (var (path, options) in spec.Tmpfs)
            Add(Tmpfs(path, options));
        foreach (var path in spec.AnonymousVolumes)
        {
            var target = Clean(path);
            if (!_mounts.ContainsKey(target))
                _mounts[target] = await VolumeAsync(target, new VolumeRequest { Driver = spec.VolumeDriver }, mode: "", writable: true, copyUp: true);
        }

        return [.. _mounts.Values.OrderBy(m => m.Destination, StringComparer.Ordinal)];
    }

    /// <summary>The path without a slash at its end, doubled slashes or dots.</summary>
    public static string Clean(string path)
    {
        if (!path.StartsWith('/') || path.Contains('\0'))
            throw EngineException.Invalid($"invalid mount path: '{path}' mount path must be absolute");
        var full = Path.GetFullPath(path);
        full = full.Length > 1 ? full.TrimEnd('/') : full;
        return full == "/" ? throw EngineException.Invalid("invalid specification: destination can't be '/'") : full;
    }

    private void Add(MountPoint mount)
    {
        if (!_own.Add(mount.Destination))
            throw EngineException.Invalid($"Duplicate mount point: {mount.Destination}");
        _mounts[mount.Destination] = mount;
    }

    private async Task BorrowAsync(string text)
    {
        var colon = text.LastIndexOf(':');
        var (name, mode) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
        if (mode is not ("" or "ro" or "rw" or "z" or "Z"))
            throw EngineException.Invalid($"invalid mode: {mode}");
        if (text.Length == 0)
            throw EngineException.Invalid("volumes-from specification cannot be an empty string");
        // Not 404: to docker's client that means that the image is missing, and it would pull it.
        if (!registry.TryFind(name, out var lender))
            throw EngineException.Invalid($"No such container: {name}");
        foreach (var mount in lender.Current.Mounts.Where(m => m.Kind != MountKind.Tmpfs))
        {
            if (mount.VolumeName is { } volume && await volumes.FindAsync(volume, ct) is null)
                throw EngineException.Invalid($"get {volume}: no such volume");
            _mounts[mount.Destination] = mount with { Writable = mount.Writable && mode != "ro", Anonymous = false, CopyUp = false };
        }
    }

    private async Task<MountPoint> OfAsync(BindSpec bind, string? driver)
    {
        var target = Clean(bind.Target);
        if (bind.IsVolume)
            return await VolumeAsync(target, new VolumeRequest { Name = bind.Source, Driver = driver }, bind.Options ?? "z", !bind.ReadOnly, !bind.NoCopy) with { IdMap = bind.IdMap };
        return new MountPoint
        {
            Kind = MountKind.Bind,
            Source = Path.GetFullPath(bind.Source),
            Destination = target,
            Mode = bind.Options ?? "",
            Writable = !bind.ReadOnly,
            Propagation = bind.Propagation ?? "rprivate",
            ReadOnlyNonRecursive = bind is { ReadOnly: true, ReadOnlyNonRecursive: true },
            CreateSource = true,
            IdMap = bind.IdMap,
        };
    }

    private async Task<MountPoint> OfAsync(MountSpec mount, string? driver)
    {
        var target = Clean(mount.Target);
        switch (mount.Kind)
        {
            case MountKind.Bind:
                if (mount.Source is not { } source || !source.StartsWith('/'))
                    throw EngineException.Invalid($"invalid mount config for type \"bind\": invalid mount path: '{mount.Source}' mount path must be absolute");
                if (!mount.CreateSource && !Path.Exists(source))
                    throw EngineException.Invalid($"invalid mount config for type \"bind\": bind source path does not exist: {source}");
                return new MountPoint
                {
                    Kind = MountKind.Bind,
                    Source = Path.GetFullPath(source),
                    Destination = target,
                    Writable = !mount.ReadOnly,
                    Propagation = mount.Propagation ?? "rprivate",
                    NonRecursive = mount.NonRecursive,
                    ReadOnlyNonRecursive = mount.ReadOnlyNonRecursive,
                    CreateSource = mount.CreateSource,
                    IsOwn = mount.IsOwn,
                    IdMap = mount.IdMap,
                };
            case MountKind.Volume:
                var wanted = new VolumeRequest { Name = mount.Source, Driver = mount.VolumeDriver ?? driver, Labels = mount.VolumeLabels, Options = mount.VolumeOptions };
                var whole = await VolumeAsync(target, wanted, "z", !mount.ReadOnly, !mount.NoCopy && mount.Subpath is null);
                return whole with { Subpath = Part(mount), IdMap = mount.IdMap };
            case MountKind.Image:
                if (string.IsNullOrEmpty(mount.Source))
                    throw EngineException.Invalid("invalid mount config for type \"image\": field Source must not be empty");
                return new MountPoint { Kind = MountKind.Image, Source = mount.Source, Destination = target, Writable = false, Subpath = Part(mount) };
            default:
                if (!string.IsNullOrEmpty(mount.Source))
                    throw EngineException.Invalid("invalid mount config for type \"tmpfs\": field Source must not be specified");
                var options = TmpfsWords(mount.TmpfsOptions);
                if (mount.TmpfsSize is { } size)
                    options.Add($"size={size}");
                options.Add($"mode={Convert.ToString(mount.TmpfsMode ?? 0b001_111_111_111, 8)}");
                options.Add(mount.ReadOnly ? "ro" : "rw");
                return new MountPoint { Kind = MountKind.Tmpfs, Source = "", Destination = target, Writable = !mount.ReadOnly, TmpfsOptions = options };
        }
    }

    // Docker's rule, so that a mistake is told at creation; that links inside lead nowhere else is the runtime's work at each start.
    private static string? Part(MountSpec mount)
    {
        if (mount.Subpath is not { Length: > 0 } path)
            return null;
        if (path.StartsWith('/') || path.Contains('\0') || path.Split('/').Contains(".."))
            throw EngineException.Invalid($"invalid mount config for type \"{mount.Kind.ToString().ToLowerInvariant()}\": subpath must be a relative path within the {mount.Kind.ToString().ToLowerInvariant()}: '{path}'");
        return path;
    }

    private static MountPoint Tmpfs(string path, string options)
    {
        var all = TmpfsWords(options.Split(',', StringSplitOptions.RemoveEmptyEntries));
        return new MountPoint { Kind = MountKind.Tmpfs, Source = "", Destination = Clean(path), Mode = options, Writable = !all.Contains("ro"), TmpfsOptions = all };
    }

    private static List<string> TmpfsWords(IEnumerable<string> words)
    {
        var all = new List<string> { "noexec", "nosuid", "nodev" };
        foreach (var option in words)
        {
            var opposite = option switch { "exec" => "noexec", "suid" => "nosuid", "dev" => "nodev", _ => null };
            var good = option is "rw" or "ro" or "exec" or "noexec" or "suid" or "nosuid" or "dev" or "nodev" or "sync" or "async" or "dirsync" or "atime" or "noatime" or "diratime" or "nodiratime" or "relatime" or "norelatime" or "strictatime" or "nostrictatime"
                || new[] { "size=", "mode=", "uid=", "gid=", "nr_inodes=", "nr_blocks=", "mpol=" }.Any(k => option.StartsWith(k, StringComparison.Ordinal));
            if (!good)
                throw EngineException.Invalid($"invalid tmpfs option: '{option}'");
            if (opposite is not null)
                all.Remove(opposite);
            if (!all.Contains(option))
                all.Add(option);
        }

        return all;
    }

    private async Task<MountPoint> VolumeAsync(string target, VolumeRequest wanted, string mode, bool writable, bool copyUp)
    {
        var isAnonymous = string.IsNullOrEmpty(wanted.Name);
        var existing = wanted.Name is { Length: > 0 } name ? await Translate.RunAsync(() => volumes.FindAsync(name, ct)) : null;
        var volume = existing ?? await CreateAsync(wanted);
        if (existing is null)
            undo.Push($"create volume {volume.Name}", () => volumes.RemoveAsync(volume.Name));
        else if (!string.IsNullOrEmpty(wanted.Driver) && wanted.Driver != (volume.Driver ?? "local"))
            throw EngineException.Conflict($"volume '{volume.Name}' has the driver '{volume.Driver ?? "local"}', not '{wanted.Driver}'");
        if (volume.ReadOnly && writable)
            throw EngineException.Invalid($"volume '{volume.Name}' is a snapshot: mount it read-only (ro), or clone it");
        return new MountPoint
        {
            Kind = MountKind.Volume,
            VolumeName = volume.Name,
            Driver = volume.Driver,
            Source = volume.MountPoint,
            Destination = target,
            Mode = mode,
            Writable = writable,
            Anonymous = isAnonymous,
            CopyUp = copyUp && !volume.ReadOnly,
        };
    }

    // A driver that is not there is not 404 here: to docker's client that means that the image is missing.
    private async Task<VolumeRecord> CreateAsync(VolumeRequest wanted)
    {
        try
        {
            return await Translate.RunAsync(() => volumes.CreateAsync(wanted, ct));
        }
        catch (EngineException missing) when (missing.Kind == ErrorKind.NotFound)
        {
            throw EngineException.Invalid(missing.Message, missing);
        }
    }
}
