using Sampan.Storage.Volumes;

namespace Sampan.Engine.Containers;

/// <summary>
/// Decides at creation what is mounted where: volumes of other containers, then <c>-v</c>, <c>--mount</c>, <c>--tmpfs</c>, then anonymous
/// volumes for what is left. Later ones win over those taken from other containers; among the user's own, one path twice is an error.
/// </summary>
internal sealed class MountResolver(VolumeLease volumes, ContainerRegistry registry, Undo undo)
{
    private readonly Dictionary<string, MountPoint> _mounts = [];
    private readonly HashSet<string> _own = [];

    /// <summary>The mounts; volumes that were not there are made, and unmade by the undo stack.</summary>
    public IReadOnlyList<MountPoint> Resolve(ContainerSpec spec)
    {
        foreach (var from in spec.VolumesFrom)
            Borrow(from);
        foreach (var bind in spec.Binds)
            Add(Of(bind));
        foreach (var mount in spec.Mounts)
            Add(Of(mount));
        foreach (var (path, options) in spec.Tmpfs)
            Add(Tmpfs(path, options));
        foreach (var path in spec.AnonymousVolumes)
        {
            var target = Clean(path);
            if (!_mounts.ContainsKey(target))
                _mounts[target] = Volume(target, null, mode: "", writable: true, copyUp: true, labels: null);
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

    private void Borrow(string text)
    {
        var colon = text.LastIndexOf(':');
        var (name, mode) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
        if (mode is not ("" or "ro" or "rw" or "z" or "Z"))
            throw EngineException.Invalid($"invalid mode for volumes-from: {mode}");
        // Not 404: to docker's client that means that the image is missing, and it would pull it.
        if (!registry.TryFind(name, out var lender))
            throw EngineException.Invalid($"No such container: {name}");
        foreach (var mount in lender.Current.Mounts.Where(m => m.Kind != MountKind.Tmpfs))
        {
            if (mount.VolumeName is { } volume && volumes.Find(volume) is null)
                throw EngineException.Invalid($"get {volume}: no such volume");
            _mounts[mount.Destination] = mount with { Writable = mount.Writable && mode != "ro", Anonymous = false, CopyUp = false };
        }
    }

    private MountPoint Of(BindSpec bind)
    {
        var target = Clean(bind.Target);
        if (bind.IsVolume)
            return Volume(target, bind.Source, bind.Options ?? "z", !bind.ReadOnly, !bind.NoCopy, labels: null) with { IdMap = bind.IdMap };
        return new MountPoint
        {
            Kind = MountKind.Bind,
            Source = Path.GetFullPath(bind.Source),
            Destination = target,
            Mode = bind.Options ?? "",
            Writable = !bind.ReadOnly,
            Propagation = bind.Propagation ?? "rprivate",
            CreateSource = true,
            IdMap = bind.IdMap,
        };
    }

    private MountPoint Of(MountSpec mount)
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
                    IdMap = mount.IdMap,
                };
            case MountKind.Volume:
                return Volume(target, string.IsNullOrEmpty(mount.Source) ? null : mount.Source, "z", !mount.ReadOnly, !mount.NoCopy && mount.Subpath is null, mount.VolumeLabels)
                    with
                {
                    Subpath = Part(mount),
                    IdMap = mount.IdMap,
                };
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

    private MountPoint Volume(string target, string? name, string mode, bool writable, bool copyUp, IReadOnlyDictionary<string, string>? labels)
    {
        var existing = name is null ? null : Translate.Run(() => volumes.Find(name));
        var volume = existing ?? Translate.Run(() => volumes.Create(name, labels));
        if (existing is null)
            undo.Push($"create volume {volume.Name}", () => volumes.Remove(volume.Name));
        return new MountPoint
        {
            Kind = MountKind.Volume,
            VolumeName = volume.Name,
            Source = volume.MountPoint,
            Destination = target,
            Mode = mode,
            Writable = writable,
            Anonymous = name is null,
            CopyUp = copyUp,
        };
    }
}
