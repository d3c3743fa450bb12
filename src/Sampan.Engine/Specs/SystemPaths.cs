namespace Sampan.Engine.Specs;

/// <summary>What of /proc and /sys is hidden or read-only inside: Docker's lists (moby daemon/pkg/oci/defaults.go).</summary>
public static class SystemPaths
{
    /// <summary>Hidden: they leak facts of the host (CVE-2018-10892, CVE-2024-21626's probes) or crash it.</summary>
    public static readonly IReadOnlyList<string> Masked =
    [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
        "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
    ];

    /// <summary>Not writable: they configure the host.</summary>
    public static readonly IReadOnlyList<string> ReadOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
}
