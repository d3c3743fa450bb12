using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Launching;

/// <summary>Says all at once what is wrong with a specification, or asks for what is not supported: nothing is ignored in silence.</summary>
internal static class SpecValidator
{
    private static readonly HashSet<string> s_mountableInProc = new(StringComparer.Ordinal)
    {
        "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps", "/proc/uptime", "/proc/loadavg", "/proc/slabinfo",
        "/proc/net/dev", "/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled",
    };

    /// <summary>Every problem, in the order of the document; empty if there is none.</summary>
    internal static IReadOnlyList<string> Validate(RuntimeSpec spec)
    {
        var problems = new List<string>();
        if (!spec.OciVersion.StartsWith("1.", StringComparison.Ordinal))
            problems.Add($"ociVersion '{spec.OciVersion}' is not 1.x");
        if (spec.Root is null || spec.Root.Path.Length == 0)
            problems.Add("root.path is missing");
        if (spec.Process is not null)
            Validate(spec.Process, problems);
        foreach (var mount in spec.Mounts)
            Validate(mount, problems);
        Validate(spec.Linux ?? new LinuxSection(), spec, problems);
        return problems;
    }

    /// <summary>Throws with all problems, if there are any.</summary>
    /// <exception cref="RuntimeException">There are.</exception>
    internal static void Require(RuntimeSpec spec)
    {
        var problems = Validate(spec);
        if (problems.Count > 0)
            throw new RuntimeException("specification", "invalid config.json: " + string.Join("; ", problems));
    }

    /// <summary>Adds what is wrong with a process; for exec too.</summary>
    internal static void Validate(OciProcess process, List<string> problems)
    {
        if (process.Args.Count == 0)
            problems.Add("process.args is empty");
        if (!process.Cwd.StartsWith('/'))
            problems.Add($"process.cwd '{process.Cwd}' is not absolute");
        foreach (var limit in process.Rlimits)
        {
            if (!ProcessPlanner.IsLimit(limit.Type))
                problems.Add($"process.rlimits: '{limit.Type}' is not known");
            else if (limit.Soft > limit.Hard)
                problems.Add($"process.rlimits: the soft limit of {limit.Type} is above the hard one");
        }
        if (process.OomScoreAdj is < -1000 or > 1000)
            problems.Add($"process.oomScoreAdj {process.OomScoreAdj} is not within -1000 and 1000");
        if (process.ApparmorProfile is { Length: > 0 } and not "unconfined")
            problems.Add("process.apparmorProfile is not supported");
        if (process.SelinuxLabel is { Length: > 0 })
            problems.Add("process.selinuxLabel is not supported");
        if (process.Scheduler is not null)
            problems.Add("process.scheduler is not supported");
        if (process.IoPriority is not null)
            problems.Add("process.ioPriority is not supported");
        if (process.ExecCpuAffinity is not null)
            problems.Add("process.execCPUAffinity is not supported");
        foreach (var text in process.Args.Concat(process.Env))
        {
            if (text.Contains('\0'))
                problems.Add("process.args or process.env contains a null character");
        }
    }

    private static void Validate(Mount mount, List<string> problems)
    {
        var destination = mount.Destination;
        if (!destination.StartsWith('/'))
            problems.Add($"mounts: destination '{destination}' is not absolute");
        // Over /proc only a procfs, in it only what programs like lxcfs cover: anything else could fake the kernel's words to us.
        var path = Path.GetFullPath("/" + destination);
        if (path == "/proc" && mount.Type is not ("proc" or "bind"))
            problems.Add("mounts: only a procfs may be mounted on '/proc'");
        else if (path.StartsWith("/proc/", StringComparison.Ordinal) && !s_mountableInProc.Contains(path))
            problems.Add($"mounts: '{destination}' cannot be mounted because it is inside '/proc'");
    }

    private static void Validate(LinuxSection linux, RuntimeSpec spec, List<string> problems)
    {
        var made = NamespaceTypes.None;
        var joined = NamespaceTypes.None;
        foreach (var one in linux.Namespaces)
        {
            var type = NamespaceNames.Parse(one.Type);
            if (type == NamespaceTypes.None)
                problems.Add($"linux.namespaces: '{one.Type}' is not known");
            else if (type is NamespaceTypes.User or NamespaceTypes.Time)
                problems.Add($"linux.namespaces: a {one.Type} namespace is not supported");
            else if ((made | joined).HasFlag(type))
                problems.Add($"linux.namespaces: '{one.Type}' appears twice");
            if (one.Path is { Length: > 0 })
                joined |= type;
            else
                made |= type;
        }
        if (!made.HasFlag(NamespaceTypes.Mount))
            problems.Add("linux.namespaces: a new mount namespace is needed");
        if (spec.Hostname is { Length: > 0 } && !(made | joined).HasFlag(NamespaceTypes.Uts))
            problems.Add("hostname is set, but there is no uts namespace");
        if (spec.Domainname is { Length: > 0 } && !(made | joined).HasFlag(NamespaceTypes.Uts))
            problems.Add("domainname is set, but there is no uts namespace");
        var own = made | joined;
        foreach (var name in linux.Sysctl.Keys)
        {
            if (!SysctlNames.IsNamespaced(name, own.HasFlag(NamespaceTypes.Ipc), own.HasFlag(NamespaceTypes.Network), own.HasFlag(NamespaceTypes.Uts)))
                problems.Add($"linux.sysctl: '{name}' is not in a namespace of the container");
        }
        ValidateUnsupported(linux, problems);
    }

    private static void ValidateUnsupported(LinuxSection linux, List<string> problems)
    {
        if (linux.UidMappings.Count + linux.GidMappings.Count > 0)
            problems.Add("linux.uidMappings and gidMappings are not supported");
        if (linux.NetDevices.Count > 0)
            problems.Add("linux.netDevices is not supported");
        if (linux.IntelRdt is not null)
            problems.Add("linux.intelRdt is not supported");
        if (linux.MemoryPolicy is not null)
            problems.Add("linux.memoryPolicy is not supported");
        if (linux.MountLabel is { Length: > 0 })
            problems.Add("linux.mountLabel is not supported");
        if (linux.TimeOffsets.Count > 0)
            problems.Add("linux.timeOffsets is not supported");
        if (linux.Personality is { Domain: not ("LINUX" or "LINUX32") } personality)
            problems.Add($"linux.personality '{personality.Domain}' is not known");
        if (linux.CgroupsPath is { Length: > 0 } path && path.Contains(':'))
            problems.Add($"linux.cgroupsPath '{path}' is for systemd, which is not supported: give an absolute path");
        foreach (var path2 in linux.MaskedPaths.Concat(linux.ReadonlyPaths))
        {
            if (!path2.StartsWith('/'))
                problems.Add($"linux.maskedPaths and readonlyPaths: '{path2}' is not absolute");
        }
        foreach (var device in linux.Devices)
        {
            if (!device.Path.StartsWith('/'))
                problems.Add($"linux.devices: '{device.Path}' is not absolute");
        }
    }
}
