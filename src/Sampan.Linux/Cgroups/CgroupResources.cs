namespace Sampan.Linux.Cgroups;

/// <summary>What a group may use. Null or empty means: leave as it is.</summary>
public sealed record CgroupResources
{
    /// <summary>Memory and swap.</summary>
    public MemoryLimits? Memory { get; init; }

    /// <summary>Processor time and placement.</summary>
    public CpuLimits? Cpu { get; init; }

    /// <summary>Most processes and threads; -1 for no limit.</summary>
    public long? Pids { get; init; }

    /// <summary>Block devices.</summary>
    public BlockIoLimits? BlockIo { get; init; }

    /// <summary>Device access, in order: the last rule that matches decides. Null leaves it; empty means: everything is denied.</summary>
    public IReadOnlyList<DeviceRule>? Devices { get; init; }

    /// <summary>Huge pages by size.</summary>
    public IReadOnlyList<HugePageLimit> HugePages { get; init; } = [];

    /// <summary>Class of the packets, for traffic control. Cgroup v1 only.</summary>
    public uint? NetworkClass { get; init; }

    /// <summary>Priorities of the packets by interface. Cgroup v1 only.</summary>
    public IReadOnlyList<(string Interface, uint Priority)> NetworkPriorities { get; init; } = [];

    /// <summary>Handles and objects of RDMA devices.</summary>
    public IReadOnlyList<RdmaLimit> Rdma { get; init; } = [];

    /// <summary>Files of the v2 group written as they are: <c>memory.high</c> → <c>104857600</c>. An error on v1.</summary>
    public IReadOnlyDictionary<string, string> Unified { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>True if nothing is given.</summary>
    public bool IsEmpty => this is { Memory: null, Cpu: null, Pids: null, BlockIo: null, Devices: null, HugePages.Count: 0, NetworkClass: null, NetworkPriorities.Count: 0, Rdma.Count: 0, Unified.Count: 0 };
}
