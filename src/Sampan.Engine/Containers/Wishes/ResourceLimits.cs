namespace Sampan.Engine.Containers.Wishes;

/// <summary>What a container may use. Null: no limit, the kernel's default.</summary>
public sealed record ResourceLimits
{
    /// <summary>Memory in bytes, at least 6 MiB.</summary>
    public long? Memory { get; init; }

    /// <summary>Memory and swap together in bytes; -1: unlimited swap; null with a memory limit: twice that limit.</summary>
    public long? MemorySwap { get; init; }

    /// <summary>The memory in bytes that the kernel tries to get down to under pressure.</summary>
    public long? MemoryReservation { get; init; }

    /// <summary>0 to 100 (cgroup v1 only).</summary>
    public long? MemorySwappiness { get; init; }

    /// <summary>The kernel does not kill for want of memory, it stalls (cgroup v1 only).</summary>
    public bool? OomKillDisable { get; init; }

    /// <summary>-1000 to 1000: who is killed first when the host is out of memory.</summary>
    public int? OomScoreAdj { get; init; }

    /// <summary>Processor time in billionths of one processor (<c>--cpus</c>).</summary>
    public long? NanoCpus { get; init; }

    /// <summary>Weight relative to others, 2 to 262144; 1024 is normal.</summary>
    public long? CpuShares { get; init; }

    /// <summary>Microseconds of processor time per period.</summary>
    public long? CpuQuota { get; init; }

    /// <summary>The period in microseconds, 1000 to 1000000.</summary>
    public long? CpuPeriod { get; init; }

    /// <summary>Real-time microseconds per period.</summary>
    public long? CpuRealtimeRuntime { get; init; }

    /// <summary>The real-time period in microseconds.</summary>
    public long? CpuRealtimePeriod { get; init; }

    /// <summary>Processors to run on, as <c>0-2,4</c>.</summary>
    public string? CpusetCpus { get; init; }

    /// <summary>Memory nodes to use, as <c>0-1</c>.</summary>
    public string? CpusetMems { get; init; }

    /// <summary>The number of processes and threads; -1: unlimited.</summary>
    public long? PidsLimit { get; init; }

    /// <summary>Block I/O weight, 10 to 1000.</summary>
    public ushort? BlkioWeight { get; init; }

    /// <summary>Block I/O weights by device, 10 to 1000.</summary>
    public IReadOnlyList<DeviceRate> BlkioWeightDevices { get => field ?? []; init; }

    /// <summary>Bytes per second read from a device.</summary>
    public IReadOnlyList<DeviceRate> BlkioReadBytes { get => field ?? []; init; }

    /// <summary>Bytes per second written to a device.</summary>
    public IReadOnlyList<DeviceRate> BlkioWriteBytes { get => field ?? []; init; }

    /// <summary>Reads per second from a device.</summary>
    public IReadOnlyList<DeviceRate> BlkioReads { get => field ?? []; init; }

    /// <summary>Writes per second to a device.</summary>
    public IReadOnlyList<DeviceRate> BlkioWrites { get => field ?? []; init; }

    /// <summary>Limits of the process itself.</summary>
    public IReadOnlyList<UlimitSpec> Ulimits { get => field ?? []; init; }

    /// <summary>Devices of the host.</summary>
    public IReadOnlyList<DeviceSpec> Devices { get => field ?? []; init; }

    /// <summary>Devices by what they can, or by name in a CDI specification (<c>--gpus</c>, <c>--device vendor.com/class=name</c>).</summary>
    public IReadOnlyList<DeviceWish> DeviceWishes { get => field ?? []; init; }

    /// <summary>Access rules as in the kernel's devices cgroup, <c>c 1:3 rwm</c>.</summary>
    public IReadOnlyList<string> DeviceCgroupRules { get => field ?? []; init; }

    /// <summary>The parent cgroup; a relative path is one below the root. Null: the engine's own.</summary>
    public string? CgroupParent { get; init; }
}
