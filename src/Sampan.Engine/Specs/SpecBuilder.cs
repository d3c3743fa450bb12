using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Containers.Wishes;
using Sampan.Oci.Runtime;
using Sampan.Runtime;

namespace Sampan.Engine.Specs;

/// <summary>
/// Turns a container into the OCI runtime spec that its supervisor executes: a pure function, golden-tested.
/// The values are Docker's (moby daemon/pkg/oci/defaults.go and daemon/oci_linux.go). The seccomp filter is not in the spec:
/// the supervisor compiles it from the profile that the launch names.
/// </summary>
internal static class SpecBuilder
{
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Builds the spec.</summary>
    public static RuntimeSpec Build(SpecInputs inputs)
    {
        var spec = inputs.Container.Spec;
        var security = SecurityOptions.Parse(spec.Security, []);
        var open = spec.Security.Privileged || security.SystemPathsUnconfined;
        return new RuntimeSpec
        {
            // The oldest that has all of it: crun 1.8 refuses what says it needs a later one.
            OciVersion = "1.1.0",
            Process = Process(inputs, security),
            Root = new Root { Path = "rootfs", Readonly = spec.Security.ReadOnlyRootfs },
            Hostname = spec.Namespaces.Uts == "host" ? null : inputs.Hostname,
            Domainname = spec.Namespaces.Uts == "host" ? null : spec.Domainname,
            Mounts = SpecMounts.Build(inputs),
            Annotations = Annotations(spec),
            Linux = new LinuxSection
            {
                CgroupsPath = inputs.CgroupPath,
                Namespaces = Namespaces(inputs),
                // Root of a user namespace makes no nodes: the host's are bound, and those with another name there are mounts.
                Devices = inputs.Users is null ? inputs.Devices : [.. inputs.Devices.Where(device => !inputs.DeviceSources.ContainsKey(device.Path))],
                Resources = SpecResources.Build(spec, inputs.Devices, inputs.BlockIo),
                Sysctl = Sysctls(inputs),
                MaskedPaths = spec.Security.MaskedPaths ?? (open ? [] : SystemPaths.Masked),
                ReadonlyPaths = spec.Security.ReadonlyPaths ?? (open ? [] : SystemPaths.ReadOnly),
                RootfsPropagation = SpecMounts.RootPropagation(inputs.Container.Mounts),
            },
        };
    }

    /// <summary>The process of an exec: the container's, with the exec's wishes laid over it.</summary>
    public static OciProcess Exec(SpecInputs inputs, Execs.ExecSpec exec)
    {
        var security = SecurityOptions.Parse(inputs.Container.Spec.Security, []);
        var main = Process(inputs, security);
        var capabilities = inputs.Capabilities;
        return main with
        {
            Terminal = exec.Tty,
            ConsoleSize = Size(exec.Tty, exec.ConsoleSize),
            Args = exec.Command,
            Env = SpecEnvironment.Build(DefaultPath, inputs.Hostname, exec.Tty, [.. inputs.LinkVariables, .. inputs.Container.Spec.Env, .. exec.Env], inputs.Home),
            Cwd = string.IsNullOrEmpty(exec.WorkingDirectory) ? main.Cwd : exec.WorkingDirectory,
            Capabilities = Capabilities(capabilities, inputs.User),
        };
    }

    private static OciProcess Process(SpecInputs inputs, SecurityOptions security)
    {
        var spec = inputs.Container.Spec;
        return new OciProcess
        {
            Terminal = spec.Tty,
            ConsoleSize = Size(spec.Tty, spec.ConsoleSize),
            User = inputs.User,
            Args = inputs.Container.Argv,
            Env = SpecEnvironment.Build(DefaultPath, inputs.Hostname, spec.Tty, [.. inputs.LinkVariables, .. spec.Env], inputs.Home),
            Cwd = string.IsNullOrEmpty(spec.WorkingDirectory) ? "/" : spec.WorkingDirectory,
            Capabilities = Capabilities(inputs.Capabilities, inputs.User),
            NoNewPrivileges = security.NoNewPrivileges,
            OomScoreAdj = spec.Resources.OomScoreAdj,
            Rlimits = [.. spec.Resources.Ulimits.Select(Limit)],
        };
    }

    private static IReadOnlyDictionary<string, string> Annotations(ContainerSpec spec) => spec.Init == true
        ? new Dictionary<string, string>(spec.Annotations, StringComparer.Ordinal) { [RuntimeAnnotations.Init] = "true" }
        : spec.Annotations;

    // A process that is not root has no effective capabilities after execve; Docker sets none, so that nothing is inherited (CVE-2022-24769).
    private static CapabilitySets Capabilities(CapabilityGrant grant, OciUser user) => user.Uid == 0
        ? new CapabilitySets { Bounding = grant.Granted, Effective = grant.Granted, Permitted = grant.Granted }
        : new CapabilitySets { Bounding = grant.Granted };

    private static ConsoleSize? Size(bool tty, TerminalSize? size) =>
        tty && size is { } s ? new ConsoleSize { Height = s.Rows, Width = s.Columns } : null;

    private static Rlimit Limit(UlimitSpec limit) => new()
    {
        Type = "RLIMIT_" + limit.Name.ToUpperInvariant(),
        Soft = unchecked((ulong)limit.Soft),
        Hard = unchecked((ulong)limit.Hard),
    };

    private static List<Namespace> Namespaces(SpecInputs inputs)
    {
        var wish = inputs.Container.Spec.Namespaces;
        var list = new List<Namespace> { new() { Type = "mount" } };
        if (inputs.Users is { } users)
            list.Add(new Namespace { Type = "user", Path = users.Namespace });
        if (inputs.NetworkNamespace is { } net)
            list.Add(new Namespace { Type = "network", Path = net });
        if (wish.Uts != "host")
            list.Add(new Namespace { Type = "uts" });
        if (wish.Pid != "host")
            list.Add(new Namespace { Type = "pid", Path = inputs.PidNamespace });
        if (wish.Ipc != "host")
            list.Add(new Namespace { Type = "ipc", Path = inputs.IpcProcess is { } donor ? $"/proc/{donor}/ns/ipc" : null });
        if (wish.Cgroup != "host")
            list.Add(new Namespace { Type = "cgroup" });
        return list;
    }

    // Inside a network namespace of its own, low ports and ping are harmless: root is not needed for them (Docker does so since 20.10).
    private static SortedDictionary<string, string> Sysctls(SpecInputs inputs)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var shares = inputs.Container.Spec.Network.Mode.StartsWith("container:", StringComparison.Ordinal);
        if (inputs.NetworkNamespace is not null && !shares && !inputs.Container.Spec.Security.Privileged)
        {
            all["net.ipv4.ip_unprivileged_port_start"] = "0";
            all["net.ipv4.ping_group_range"] = $"0 {Math.Min(int.MaxValue, (inputs.Users?.Map.Groups.Max(one => (long)one.ContainerId + one.Size) ?? long.MaxValue) - 1)}";
        }

        foreach (var (name, value) in inputs.Container.Spec.Sysctls)
            all[name] = value;
        return all;
    }
}
