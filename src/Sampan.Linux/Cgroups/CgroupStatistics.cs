namespace Sampan.Linux.Cgroups;

/// <summary>What a group uses at the moment. A part is null if its controller is not there.</summary>
public sealed record CgroupStatistics
{
    /// <summary>Processor time.</summary>
    public CpuStatistics? Cpu { get; init; }

    /// <summary>Memory.</summary>
    public MemoryStatistics? Memory { get; init; }

    /// <summary>Processes and threads.</summary>
    public PidsStatistics? Pids { get; init; }

    /// <summary>Block devices, one entry per device that was used.</summary>
    public IReadOnlyList<BlockIoStatistics> BlockIo { get; init; } = [];

    /// <summary>Huge pages, one entry per size.</summary>
    public IReadOnlyList<HugePageStatistics> HugePages { get; init; } = [];

    /// <summary>RDMA devices, one entry per device in use or limited.</summary>
    public IReadOnlyList<RdmaStatistics> Rdma { get; init; } = [];
}
