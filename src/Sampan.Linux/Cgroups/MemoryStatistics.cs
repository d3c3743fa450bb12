namespace Sampan.Linux.Cgroups;

/// <summary>Memory used, in bytes.</summary>
public sealed record MemoryStatistics
{
    /// <summary>Used now, with page cache.</summary>
    public required ulong Usage { get; init; }

    /// <summary>The most there was; null if the kernel does not say.</summary>
    public ulong? MaxUsage { get; init; }

    /// <summary>The limit; null for none.</summary>
    public ulong? Limit { get; init; }

    /// <summary>Swap used; null if not counted.</summary>
    public ulong? Swap { get; init; }

    /// <summary>How often the limit was hit.</summary>
    public ulong FailCount { get; init; }

    /// <summary>The lines of <c>memory.stat</c> under the kernel's names.</summary>
    public required IReadOnlyDictionary<string, ulong> Details { get; init; }

    /// <summary>Memory of the kernel; null where it is not counted apart, as on v2.</summary>
    public MemoryShare? Kernel { get; init; }

    /// <summary>Buffers of TCP; null where they are not counted apart, as on v2.</summary>
    public MemoryShare? KernelTcp { get; init; }
}
