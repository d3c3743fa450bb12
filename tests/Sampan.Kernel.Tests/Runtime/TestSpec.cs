using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>A specification like the one Docker makes.</summary>
internal static class TestSpec
{
    internal static RuntimeSpec For(string id, params string[] args) => new()
    {
        OciVersion = "1.2.0",
        Hostname = "box",
        Root = new Root { Path = "rootfs" },
        Process = new OciProcess
        {
            Args = args,
            Env = ["PATH=/bin:/usr/bin"],
            Cwd = "/",
            Capabilities = new CapabilitySets { Bounding = s_capabilities, Effective = s_capabilities, Permitted = s_capabilities },
        },
        Mounts =
        [
            new Mount { Destination = "/proc", Type = "proc", Source = "proc", Options = ["nosuid", "noexec", "nodev"] },
            new Mount { Destination = "/dev", Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "strictatime", "mode=755", "size=65536k"] },
            new Mount { Destination = "/dev/pts", Type = "devpts", Source = "devpts", Options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"] },
            new Mount { Destination = "/sys", Type = "sysfs", Source = "sysfs", Options = ["nosuid", "noexec", "nodev", "ro"] },
            new Mount { Destination = "/sys/fs/cgroup", Type = "cgroup", Source = "cgroup", Options = ["ro", "nosuid", "noexec", "nodev"] },
            new Mount { Destination = "/dev/mqueue", Type = "mqueue", Source = "mqueue", Options = ["nosuid", "noexec", "nodev"] },
            new Mount { Destination = "/dev/shm", Type = "tmpfs", Source = "shm", Options = ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
        ],
        Linux = new LinuxSection
        {
            CgroupsPath = "/sampan-runtime-tests/" + id,
            Namespaces = [.. new[] { "mount", "pid", "network", "uts", "ipc", "cgroup" }.Select(type => new Namespace { Type = type })],
            Resources = new Resources
            {
                Memory = new MemoryLimits { Limit = 128 * 1024 * 1024 },
                Pids = new PidsLimit { Limit = 200 },
                Devices = [new DeviceRule { Allow = false, Access = "rwm" }],
            },
            MaskedPaths = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi", "/sys/firmware"],
            ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    };

    private static readonly string[] s_capabilities =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP",
        "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    /// <summary>The same specification with another process.</summary>
    internal static RuntimeSpec WithProcess(this RuntimeSpec spec, Func<OciProcess, OciProcess> change) => spec with { Process = change(spec.Process ?? new OciProcess()) };
}
