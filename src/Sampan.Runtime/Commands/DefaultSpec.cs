using Sampan.Oci.Runtime;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary>The configurations that <c>spec</c> writes: those of runc.</summary>
internal static class DefaultSpec
{
    private static readonly string[] s_capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];

    /// <summary>For root.</summary>
    internal static RuntimeSpec Privileged() => new()
    {
        OciVersion = OciRuntime.SpecVersion,
        Process = new OciProcess
        {
            Terminal = true,
            Args = ["sh"],
            Env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
            Cwd = "/",
            Capabilities = new CapabilitySets { Bounding = s_capabilities, Effective = s_capabilities, Permitted = s_capabilities },
            Rlimits = [new Rlimit { Type = "RLIMIT_NOFILE", Hard = 1024, Soft = 1024 }],
            NoNewPrivileges = true,
        },
        Root = new Root { Path = "rootfs", Readonly = true },
        Hostname = "sampan",
        Mounts =
        [
            new Mount { Destination = "/proc", Type = "proc", Source = "proc" },
            new Mount { Destination = "/dev", Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "strictatime", "mode=755", "size=65536k"] },
            new Mount { Destination = "/dev/pts", Type = "devpts", Source = "devpts", Options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
            new Mount { Destination = "/dev/shm", Type = "tmpfs", Source = "shm", Options = ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
            new Mount { Destination = "/dev/mqueue", Type = "mqueue", Source = "mqueue", Options = ["nosuid", "noexec", "nodev"] },
            new Mount { Destination = "/sys", Type = "sysfs", Source = "sysfs", Options = ["nosuid", "noexec", "nodev", "ro"] },
            new Mount { Destination = "/sys/fs/cgroup", Type = "cgroup", Source = "cgroup", Options = ["nosuid", "noexec", "nodev", "relatime", "ro"] },
        ],
        Linux = new LinuxSection
        {
            Resources = new Resources { Devices = [new DeviceRule { Allow = false, Access = "rwm" }] },
            Namespaces = [.. new[] { "pid", "network", "ipc", "uts", "mount", "cgroup" }.Select(type => new Namespace { Type = type })],
            MaskedPaths =
            [
                "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
                "/proc/sched_debug", "/sys/firmware", "/proc/scsi",
            ],
            ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    };

    /// <summary>For a user: mapped to root of a user namespace, without what needs real privilege.</summary>
    /// <param name="uid">The user.</param>
    /// <param name="gid">The user's group.</param>
    internal static RuntimeSpec Rootless(uint uid, uint gid)
    {
        var spec = Privileged();
        return spec with
        {
            // A sysfs can be mounted by who owns the network namespace only, and ids that are not mapped cannot own files.
            Mounts = [.. spec.Mounts.Where(mount => !mount.Destination.StartsWith("/sys", StringComparison.Ordinal))
                .Select(mount => mount with { Options = [.. mount.Options.Where(option => !option.StartsWith("gid=", StringComparison.Ordinal) && !option.StartsWith("uid=", StringComparison.Ordinal))] }),
                new Mount { Destination = "/sys", Type = "none", Source = "/sys", Options = ["rbind", "nosuid", "noexec", "nodev", "ro"] }],
            Linux = spec.Linux! with
            {
                Resources = null,
                Namespaces = [.. spec.Linux.Namespaces.Where(one => one.Type != "network"), new Namespace { Type = "user" }],
                UidMappings = [new IdMapping { ContainerId = 0, HostId = uid, Size = 1 }],
                GidMappings = [new IdMapping { ContainerId = 0, HostId = gid, Size = 1 }],
            },
        };
    }
}
