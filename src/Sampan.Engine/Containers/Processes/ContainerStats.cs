namespace Sampan.Engine.Containers.Processes;

/// <summary>What a container has used up to one moment; byte counts in bytes, processor times in nanoseconds.</summary>
public sealed record ContainerStats
{
    /// <summary>The moment.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Processor time of the container: all, in user mode, in the kernel.</summary>
    public (ulong Total, ulong User, ulong System) Cpu { get; init; }

    /// <summary>Per processor; empty where it is not counted.</summary>
    public IReadOnlyList<ulong> CpuPerProcessor { get; init; } = [];

    /// <summary>Processor time of the whole machine, idling included.</summary>
    public ulong MachineCpu { get; init; }

    /// <summary>Processors of the machine.</summary>
    public int Processors { get; init; }

    /// <summary>Periods of the quota, those in which it ran out, and the time waited.</summary>
    public (ulong Periods, ulong Throttled, ulong ThrottledTime) Throttling { get; init; }

    /// <summary>Memory in use, with page cache.</summary>
    public ulong Memory { get; init; }

    /// <summary>The most there was; null: not counted.</summary>
    public ulong? MemoryMax { get; init; }

    /// <summary>The limit; the machine's memory when there is none.</summary>
    public ulong MemoryLimit { get; init; }

    /// <summary>How often the limit was hit.</summary>
    public ulong MemoryFailures { get; init; }

    /// <summary>The kernel's memory.stat.</summary>
    public IReadOnlyDictionary<string, ulong> MemoryDetails { get; init; } = new Dictionary<string, ulong>();

    /// <summary>Processes and threads.</summary>
    public ulong Pids { get; init; }

    /// <summary>How many there may be; null: no limit.</summary>
    public ulong? PidsLimit { get; init; }

    /// <summary>Block devices: number, bytes and operations.</summary>
    public IReadOnlyList<(uint Major, uint Minor, ulong ReadBytes, ulong WrittenBytes, ulong Reads, ulong Writes)> BlockIo { get; init; } = [];

    /// <summary>Network interfaces by name.</summary>
    public IReadOnlyList<(string Name, ulong RxBytes, ulong RxPackets, ulong RxErrors, ulong RxDropped, ulong TxBytes, ulong TxPackets, ulong TxErrors, ulong TxDropped)> Interfaces { get; init; } = [];
}
