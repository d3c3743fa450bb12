using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>Limits of a container; zero or empty: no limit, or unchanged in an update.</summary>
public record Resources
{
    /// <summary>Relative CPU weight; 1024 is the neutral value.</summary>
    public long CpuShares { get; init; }

    /// <summary>Memory limit in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>CPU limit in billionths of a CPU.</summary>
    public long NanoCpus { get; init; }

    /// <summary>Path of the parent cgroup.</summary>
    public string CgroupParent { get; init => field = value ?? ""; } = "";

    /// <summary>Relative block I/O weight, 10 to 1000.</summary>
    public int BlkioWeight { get; init; }

    /// <summary>Block I/O weight by device.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<WeightDevice>? BlkioWeightDevice { get; init; }

    /// <summary>Read limit by device, bytes per second.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<ThrottleDevice>? BlkioDeviceReadBps { get; init; }

    /// <summary>Write limit by device, bytes per second.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<ThrottleDevice>? BlkioDeviceWriteBps { get; init; }

    /// <summary>Read limit by device, operations per second.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<ThrottleDevice>? BlkioDeviceReadIOps { get; init; }

    /// <summary>Write limit by device, operations per second.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<ThrottleDevice>? BlkioDeviceWriteIOps { get; init; }

    /// <summary>Scheduler period in microseconds.</summary>
    public long CpuPeriod { get; init; }

    /// <summary>CPU time per period in microseconds.</summary>
    public long CpuQuota { get; init; }

    /// <summary>Real-time period in microseconds.</summary>
    public long CpuRealtimePeriod { get; init; }

    /// <summary>Real-time CPU time per period in microseconds.</summary>
    public long CpuRealtimeRuntime { get; init; }

    /// <summary>CPUs that may be used, e.g. 0-3,7.</summary>
    public string CpusetCpus { get; init => field = value ?? ""; } = "";

    /// <summary>Memory nodes that may be used.</summary>
    public string CpusetMems { get; init => field = value ?? ""; } = "";

    /// <summary>Devices of the host that the container gets.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<DeviceMapping>? Devices { get; init; }

    /// <summary>Rules of the device cgroup, e.g. 'c 13:* rwm'.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? DeviceCgroupRules { get; init; }

    /// <summary>Devices asked for by driver or capability, such as GPUs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<DeviceRequest>? DeviceRequests { get; init; }

    /// <summary>Kernel memory limit in bytes (API before 1.42).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long KernelMemory { get; init; }

    /// <summary>Kernel TCP buffer limit in bytes (API before 1.42).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long KernelMemoryTCP { get; init; }

    /// <summary>Memory the kernel tries to keep the container below, in bytes.</summary>
    public long MemoryReservation { get; init; }

    /// <summary>Memory and swap together in bytes; -1: unlimited swap.</summary>
    public long MemorySwap { get; init; }

    /// <summary>0 to 100; null: the kernel's.</summary>
    public long? MemorySwappiness { get; init; }

    /// <summary>Whether the OOM killer spares the container; null: no.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public bool? OomKillDisable { get; init; }

    /// <summary>Greatest number of tasks; null: unchanged, 0 or -1: no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long? PidsLimit { get; init; }

    /// <summary>Resource limits of the processes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<Ulimit>? Ulimits { get; init; }

    /// <summary>Windows only: number of CPUs.</summary>
    public long CpuCount { get; init; }

    /// <summary>Windows only: CPU percentage.</summary>
    public long CpuPercent { get; init; }

    /// <summary>Windows only: operations per second.</summary>
    public long IOMaximumIOps { get; init; }

    /// <summary>Windows only: bytes per second.</summary>
    public long IOMaximumBandwidth { get; init; }
}
