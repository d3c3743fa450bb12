using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Users;
using Sampan.Oci.Runtime;

namespace Sampan.Engine.Specs;

/// <summary>The mounts of a container, in the order in which they are made.</summary>
internal static class SpecMounts
{
    private const long DefaultShmSize = 64L << 20;
    private static readonly string[] s_private = ["rbind", "rprivate"];
    private static readonly string[] s_mapped = ["idmap"];

    /// <summary>The kernel's file systems, the engine's three files, then the user's mounts, parents before children.</summary>
    public static IReadOnlyList<Mount> Build(SpecInputs inputs)
    {
        var spec = inputs.Container.Spec;
        var user = inputs.Container.Mounts.ToDictionary(m => m.Destination);
        var mounts = new List<Mount>();
        foreach (var mount in Kernel(inputs))
        {
            // A user's mount on one of these paths replaces it, as in Docker.
            if (!user.ContainsKey(mount.Destination))
                mounts.Add(mount);
        }

        if (inputs.Users is not null)
            mounts.AddRange(inputs.DeviceSources.Select(device => Bind(device.Value, device.Key, ["bind", "rprivate", "nosuid", "noexec"])));

        foreach (var (target, source) in new[] { ("/etc/resolv.conf", inputs.ResolvConfPath), ("/etc/hostname", inputs.HostnamePath), ("/etc/hosts", inputs.HostsPath) })
        {
            if (!user.ContainsKey(target))
                mounts.Add(Bind(source, target, [.. spec.Security.ReadOnlyRootfs ? ["rbind", "rprivate", "ro"] : s_private, .. inputs.Users is null ? [] : s_mapped]));
        }

        mounts.AddRange(inputs.Container.Mounts
            .OrderBy(m => m.Destination.Count(c => c == '/'))
            .ThenBy(m => m.Destination, StringComparer.Ordinal)
            .Select(mount => Wish(mount, inputs)));
        return mounts;
    }

    /// <summary>What the root mount's propagation must be so that the user's wishes can work; null: the runtime's default.</summary>
    public static string? RootPropagation(IReadOnlyList<MountPoint> mounts)
    {
        if (mounts.Any(m => m.Propagation is "shared" or "rshared"))
            return "shared";
        return mounts.Any(m => m.Propagation is "slave" or "rslave") ? "rslave" : null;
    }

    private static IEnumerable<Mount> Kernel(SpecInputs inputs)
    {
        var spec = inputs.Container.Spec;
        var privileged = spec.Security.Privileged;
        var system = privileged ? "rw" : "ro";
        yield return Of("/proc", "proc", "proc", "nosuid", "noexec", "nodev");
        yield return Of("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
        yield return Of("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5");
        yield return Of("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", system);
        var groups = SecurityOptions.Parse(spec.Security, []).WritableCgroups ? "rw" : system;
        yield return Of("/sys/fs/cgroup", "cgroup", "cgroup", groups, "nosuid", "noexec", "nodev");
        // A mount of mqueue shows the queues of the IPC namespace it is made in, the host's too, and needs no /dev/mqueue there.
        // Root of a user namespace may not mount those of the host.
        if (inputs.Users is null || spec.Namespaces.Ipc != "host")
            yield return Of("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev");
        if (inputs.IpcProcess is { } donor)
        {
            yield return Bind("/dev/shm", "/dev/shm", ["rbind", "rprivate", $"x-sampan.mount-namespace=/proc/{donor}/ns/mnt"]);
            yield break;
        }

        if (spec.Namespaces.Ipc == "host")
        {
            yield return Bind("/dev/shm", "/dev/shm", ["rbind", "rprivate"]);
            yield break;
        }

        if (spec.Namespaces.Ipc != "none")
            yield return Of("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", $"size={spec.ShmSize ?? DefaultShmSize}");
    }

    private static Mount Wish(MountPoint mount, SpecInputs inputs)
    {
        IReadOnlyList<string> part = mount.Subpath is { } subpath ? [$"x-sampan.subpath={subpath}"] : [];
        if (mount.Kind == MountKind.Tmpfs)
            return new Mount { Destination = mount.Destination, Type = "tmpfs", Source = "tmpfs", Options = mount.TmpfsOptions };
        if (mount.Kind == MountKind.Image)
        {
            var image = inputs.ImageMounts[mount.Destination];
            return image with { Destination = mount.Destination, Options = [.. image.Options.Where(o => o != "rw"), "ro", .. part] };
        }

        var options = new List<string> { mount.NonRecursive ? "bind" : "rbind", mount.Propagation.Length > 0 ? mount.Propagation : "rprivate" };
        if (!mount.Writable)
            options.Add(mount.NonRecursive || mount.ReadOnlyNonRecursive ? "ro" : "rro");
        // What the image has at the place is copied by the runtime, through the map: owners are those that the container means.
        if (mount is { IdMap: not null, CopyUp: true })
            options.Add("copyup");
        if (mount.IdMap is null && inputs.MappedMounts.Contains(mount.Destination))
            options.Add("idmap");
        return Bind(mount.Source, mount.Destination, [.. options, .. part]) with { UidMappings = Map(mount.IdMap?.Users, inputs.Users?.Map.Users), GidMappings = Map(mount.IdMap?.Groups, inputs.Users?.Map.Groups) };
    }

    // The specification's words: "container" is the file system's side, "host" what the mount shows.
    private static IReadOnlyList<IdMapping> Map(IReadOnlyList<IdMapRange>? ranges, IReadOnlyList<IdMapping>? users) => users is not null && ranges is not null
        ? UserRemap.Behind(users, ranges)
        : [.. (ranges ?? []).Select(range => new IdMapping { ContainerId = range.File, HostId = range.Seen, Size = range.Count })];

    private static Mount Of(string target, string type, string source, params IReadOnlyList<string> options) =>
        new() { Destination = target, Type = type, Source = source, Options = options };

    private static Mount Bind(string source, string target, IReadOnlyList<string> options) =>
        new() { Destination = target, Type = "bind", Source = source, Options = options };
}
