using Sampan.Linux;
using Sampan.Linux.Mounts;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Mounting;
using Sampan.Runtime.Validation;

namespace Sampan.Runtime.Launching;

/// <summary>Turns a specification into a plan. Pure but for what the machine allows: the capabilities held and the compiler of filters.</summary>
internal static class LaunchPlanner
{
    /// <summary>The plan of a container.</summary>
    /// <param name="spec">A specification that <see cref="SpecValidator"/> found sound.</param>
    /// <param name="rootDirectory">Absolute path of the root on the host.</param>
    /// <param name="rootfsMounts">What makes the root; empty if the directory is it already.</param>
    /// <param name="held">The capabilities of this process: nobody can give more than he has.</param>
    internal static LaunchPlan Plan(RuntimeSpec spec, string rootDirectory, IReadOnlyList<Mount> rootfsMounts, CapabilitySet held)
    {
        var linux = spec.Linux ?? new LinuxSection();
        var (made, joined) = Namespaces(linux.Namespaces);
        var mounts = spec.Mounts.Select(MountOptions.Read).Select(mount => WithLabel(mount, linux.MountLabel)).ToArray();
        var maps = made.HasFlag(NamespaceTypes.User) ? UserMaps.Of(linux.UidMappings, linux.GidMappings) : null;
        var hasUserNamespace = maps is not null || joined.Exists(one => one.Type == NamespaceTypes.User);
        if (!hasUserNamespace && !held.Contains(Capability.SysAdmin))
            throw new RuntimeException("specification", "linux.namespaces: a user namespace is missing, which a caller without privilege (CAP_SYS_ADMIN) needs: see 'spec --rootless'");
        // Root of a user namespace holds everything there, whatever the runtime holds outside.
        if (hasUserNamespace)
            held = ProcessCapabilities.ReadKnown();
        var rootPropagation = RootPropagation(linux.RootfsPropagation);
        // Without a process there is a container, and nothing to start (config.md#process).
        var process = spec.Process ?? new OciProcess { Cwd = "/" };
        return new LaunchPlan
        {
            NewNamespaces = made & ~(NamespaceTypes.Cgroup | NamespaceTypes.Time),
            UserMaps = maps,
            TimeOffsets = made.HasFlag(NamespaceTypes.Time) ? Offsets(linux.TimeOffsets) : null,
            NewCgroupNamespace = made.HasFlag(NamespaceTypes.Cgroup),
            JoinedNamespaces = joined,
            RootDirectory = rootDirectory,
            RootfsMounts = [.. rootfsMounts.Select(MountOptions.Read)],
            RootReadOnly = spec.Root?.Readonly ?? false,
            Propagation = Propagation(rootPropagation, mounts),
            RootPropagation = rootPropagation,
            Mounts = mounts,
            Devices = linux.Devices,
            MakeDevices = !Array.Exists(mounts, mount => mount.IsBind && mount.Destination.TrimEnd('/') == "/dev"),
            MaskedPaths = linux.MaskedPaths,
            ReadonlyPaths = linux.ReadonlyPaths,
            Sysctl = Parameters(linux.Sysctl),
            Hostname = spec.Hostname,
            Domainname = spec.Domainname,
            Personality = linux.Personality is { } personality ? (personality.Domain == "LINUX32" ? 0x0008u : 0u) : null,
            Hooks = spec.Hooks ?? new Hooks(),
            Process = ProcessPlanner.Plan(process, linux.Seccomp, held) with { UnderInit = RuntimeAnnotations.WantsInit(spec.Annotations), InitialAffinity = null, FinalAffinity = null },
        };
    }

    /// <summary>The files of file systems in memory get the label as a whole; what is bound or the kernel's own keeps its labels, as with runc.</summary>
    private static MountPlan WithLabel(MountPlan mount, string? label)
    {
        if (label is not { Length: > 0 })
            return mount;
        SecurityLabels.RequireSelinux("linux.mountLabel");
        return mount.Type switch
        {
            "tmpfs" or "devpts" or "overlay" => mount with { Data = [.. mount.Data, new("context", label)] },
            // Its file system came with the ipc namespace, and the kernel refuses another label for all of it.
            "mqueue" => mount with { RootLabel = label },
            _ => mount,
        };
    }

    private static List<(string, long, uint)> Offsets(IReadOnlyDictionary<string, TimeOffset> offsets)
    {
        var list = new List<(string, long, uint)>(offsets.Count);
        foreach (var (clock, offset) in offsets)
            list.Add((clock, offset.Secs, offset.Nanosecs));
        return list;
    }

    private static List<KeyValuePair<string, string>> Parameters(IReadOnlyDictionary<string, string> sysctl)
    {
        var parameters = new List<KeyValuePair<string, string>>(sysctl.Count);
        foreach (var (name, value) in sysctl)
            parameters.Add(new KeyValuePair<string, string>("sys/" + SysctlNames.ToPath(name), value));
        return parameters;
    }

    private static (NamespaceTypes Made, List<NamespacePath> Joined) Namespaces(IReadOnlyList<Namespace> namespaces)
    {
        var made = NamespaceTypes.None;
        var joined = new List<NamespacePath>();
        foreach (var one in namespaces)
        {
            var type = NamespaceNames.Parse(one.Type);
            if (one.Path is { Length: > 0 } path)
                joined.Add(new NamespacePath(type, path));
            else
                made |= type;
        }
        return (made, joined);
    }

    /// <summary>
    /// Nothing that is mounted in the container may show on the host: what it shares it shares with its own. Where a bind or the root wants to follow the
    /// host (slave, shared) the copy of the host's mounts keeps following it; only then is anything but private used.
    /// </summary>
    private static (MountPropagation, bool) Propagation((MountPropagation Kind, bool Recursive)? root, MountPlan[] mounts)
    {
        var follows = root is { Kind: MountPropagation.Slave } || Array.Exists(mounts, mount => mount.FollowsHost);
        return (follows ? MountPropagation.Slave : MountPropagation.Private, true);
    }

    private static (MountPropagation Kind, bool Recursive)? RootPropagation(string? asked) => asked is not { Length: > 0 } ? null
        : MountOptions.Propagation(asked) ?? throw new RuntimeException("specification", $"linux.rootfsPropagation '{asked}' is not known");
}
