using System.Globalization;
using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Runtime.Systemd;

namespace Sampan.Runtime.Observation;

/// <summary>What a container has used so far: its cgroup's counters and its network interfaces'.</summary>
public sealed record ContainerUsage
{
    /// <summary>Processor time in nanoseconds.</summary>
    public ulong CpuTotal { get; init; }

    /// <summary>Of that, in user mode.</summary>
    public ulong CpuUser { get; init; }

    /// <summary>Of that, in the kernel.</summary>
    public ulong CpuSystem { get; init; }

    /// <summary>Per processor; empty where it is not counted.</summary>
    public IReadOnlyList<ulong> CpuPerProcessor { get; init; } = [];

    /// <summary>Periods of the processor quota, those in which it ran out, and the nanoseconds waited.</summary>
    public (ulong Periods, ulong Throttled, ulong ThrottledTime) Throttling { get; init; }

    /// <summary>Memory in use in bytes, with page cache.</summary>
    public ulong Memory { get; init; }

    /// <summary>The most there was; null: not counted.</summary>
    public ulong? MemoryMax { get; init; }

    /// <summary>The limit; null: none.</summary>
    public ulong? MemoryLimit { get; init; }

    /// <summary>How often the limit was hit.</summary>
    public ulong MemoryFailures { get; init; }

    /// <summary>The kernel's memory.stat.</summary>
    public IReadOnlyDictionary<string, ulong> MemoryDetails { get; init; } = new Dictionary<string, ulong>();

    /// <summary>Processes and threads.</summary>
    public ulong Pids { get; init; }

    /// <summary>How many there may be; null: no limit.</summary>
    public ulong? PidsLimit { get; init; }

    /// <summary>Block devices.</summary>
    public IReadOnlyList<(uint Major, uint Minor, ulong ReadBytes, ulong WrittenBytes, ulong Reads, ulong Writes)> BlockIo { get; init; } = [];

    /// <summary>Interfaces but loopback: the eight counters of /proc/net/dev in Docker's order.</summary>
    public IReadOnlyList<(string Name, ulong RxBytes, ulong RxPackets, ulong RxErrors, ulong RxDropped, ulong TxBytes, ulong TxPackets, ulong TxErrors, ulong TxDropped)> Interfaces { get; init; } = [];

    /// <summary>Reads the counters.</summary>
    /// <param name="cgroupPath">The container's cgroup, absolute in the hierarchy.</param>
    /// <param name="initPid">A process in its network namespace; null: interfaces are not asked for.</param>
    /// <exception cref="RuntimeException">The cgroup is gone.</exception>
    public static ContainerUsage Read(string cgroupPath, int? initPid)
    {
        CgroupStatistics counters;
        if (ScopeName.IsScope(cgroupPath))
            cgroupPath = ScopeName.Parse(cgroupPath).CgroupPath;
        try
        {
            counters = CgroupHost.Detect().Open(cgroupPath).ReadStatistics();
        }
        catch (LinuxException failure)
        {
            throw new RuntimeException("read statistics", $"cannot read the counters of cgroup '{cgroupPath}': {failure.Message}", failure);
        }

        return new ContainerUsage
        {
            CpuTotal = counters.Cpu?.Total ?? 0,
            CpuUser = counters.Cpu?.User ?? 0,
            CpuSystem = counters.Cpu?.System ?? 0,
            CpuPerProcessor = counters.Cpu?.PerProcessor ?? [],
            Throttling = (counters.Cpu?.Periods ?? 0, counters.Cpu?.ThrottledPeriods ?? 0, counters.Cpu?.ThrottledTime ?? 0),
            Memory = counters.Memory?.Usage ?? 0,
            MemoryMax = counters.Memory?.MaxUsage,
            MemoryLimit = counters.Memory?.Limit,
            MemoryFailures = counters.Memory?.FailCount ?? 0,
            MemoryDetails = counters.Memory?.Details ?? new Dictionary<string, ulong>(),
            Pids = counters.Pids?.Current ?? 0,
            PidsLimit = counters.Pids?.Limit,
            BlockIo = [.. counters.BlockIo.Select(b => (b.Device.Major, b.Device.Minor, b.ReadBytes, b.WrittenBytes, b.Reads, b.Writes))],
            Interfaces = initPid is { } pid ? ReadInterfaces(pid) : [],
        };
    }

    //   eth0: 1296 16 0 0 0 0 0 0 1296 16 0 0 0 0 0 0
    //   name  bytes packets errs drop fifo frame compressed multicast | the same for sending
    private static IReadOnlyList<(string, ulong, ulong, ulong, ulong, ulong, ulong, ulong, ulong)> ReadInterfaces(int pid)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines($"/proc/{pid}/net/dev");
        }
        catch (IOException)
        {
            // The process ended since it was asked for.
            return [];
        }

        var all = new List<(string, ulong, ulong, ulong, ulong, ulong, ulong, ulong, ulong)>();
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':');
            var name = colon < 0 ? "" : line[..colon].Trim();
            var words = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (colon < 0 || name == "lo" || words.Length < 16)
                continue;
            ulong At(int index) => ulong.TryParse(words[index], CultureInfo.InvariantCulture, out var value) ? value : 0;
            all.Add((name, At(0), At(1), At(2), At(3), At(8), At(9), At(10), At(11)));
        }

        return all;
    }
}
