using Sampan.Linux.Io;
using Sampan.Linux.Proc;

namespace Sampan.Linux.Cgroups.V1;

/// <summary>What the v1 controllers count.</summary>
internal sealed partial class CgroupV1
{
    // No limit is the largest page-aligned long.
    private const ulong Unlimited = 0x7fff_ffff_ffff_f000;

    public CgroupStatistics ReadStatistics() => new()
    {
        Cpu = ReadCpu(),
        Memory = ReadMemory(),
        Pids = Find("pids") is { } pids && CgroupFiles.TryReadNumber(pids, "pids.current") is { } current
            ? new PidsStatistics(current, CgroupFiles.TryReadNumber(pids, "pids.max"))
            : null,
        BlockIo = ReadBlockIo(),
        HugePages = Find("hugetlb") is { } pages ? ReadHugePages(pages) : [],
        Rdma = Find("rdma") is { } rdma ? DeviceCounters.Rdma(rdma) : [],
    };

    public long ReadOomKills() =>
        Find("memory") is { } memory && CgroupFiles.ReadKeyed(memory, "memory.oom_control").TryGetValue("oom_kill", out var kills) ? (long)kills : 0;

    private static IReadOnlyList<HugePageStatistics> ReadHugePages(string directory) => DeviceCounters.HugePages(directory, ".usage_in_bytes", (size, usage) => new HugePageStatistics(
        size, usage, CgroupFiles.TryReadNumber(directory, $"hugetlb.{size}.max_usage_in_bytes"), CgroupFiles.TryReadNumber(directory, $"hugetlb.{size}.failcnt") ?? 0));

    private CpuStatistics? ReadCpu()
    {
        if (Find("cpuacct") is not { } directory || CgroupFiles.TryReadNumber(directory, "cpuacct.usage") is not { } total)
            return null;

        // cpuacct.usage_all: a heading, then "0 1234 567": processor, user and system time in ns
        var perProcessor = new List<ulong>();
        ulong user = 0, system = 0;
        var content = CgroupFiles.TryRead(directory, "cpuacct.usage_all").AsSpan();
        foreach (var range in content.Split((byte)'\n'))
        {
            var fields = new FieldReader(content[range]);
            if (!fields.TryNextInt(out _) || !fields.TryNext(out var first) || !fields.TryNext(out var second)
                || !FieldReader.TryULong(first, out var userHere) || !FieldReader.TryULong(second, out var systemHere))
                continue;
            perProcessor.Add(userHere + systemHere);
            user += userHere;
            system += systemHere;
        }

        var throttling = Find("cpu") is { } cpu ? CgroupFiles.ReadKeyed(cpu, "cpu.stat") : [];
        return new CpuStatistics
        {
            Total = total,
            User = user,
            System = system,
            PerProcessor = perProcessor,
            Periods = throttling.GetValueOrDefault("nr_periods"),
            ThrottledPeriods = throttling.GetValueOrDefault("nr_throttled"),
            ThrottledTime = throttling.GetValueOrDefault("throttled_time"),
        };
    }

    private MemoryStatistics? ReadMemory()
    {
        if (Find("memory") is not { } directory || CgroupFiles.TryReadNumber(directory, "memory.usage_in_bytes") is not { } usage)
            return null;

        var both = CgroupFiles.TryReadNumber(directory, "memory.memsw.usage_in_bytes");
        return new MemoryStatistics
        {
            Usage = usage,
            MaxUsage = CgroupFiles.TryReadNumber(directory, "memory.max_usage_in_bytes"),
            Limit = CgroupFiles.TryReadNumber(directory, "memory.limit_in_bytes") is { } limit and < Unlimited ? limit : null,
            Swap = both is { } sum ? sum - Math.Min(sum, usage) : null,
            FailCount = CgroupFiles.TryReadNumber(directory, "memory.failcnt") ?? 0,
            Details = CgroupFiles.ReadKeyed(directory, "memory.stat"),
            Kernel = ReadShare(directory, "memory.kmem"),
            KernelTcp = ReadShare(directory, "memory.kmem.tcp"),
        };
    }

    private static MemoryShare? ReadShare(string directory, string kind) => CgroupFiles.TryReadNumber(directory, kind + ".usage_in_bytes") is not { } usage ? null : new MemoryShare(
        usage, CgroupFiles.TryReadNumber(directory, kind + ".max_usage_in_bytes") ?? 0,
        CgroupFiles.TryReadNumber(directory, kind + ".limit_in_bytes") is { } limit and < Unlimited ? limit : null, CgroupFiles.TryReadNumber(directory, kind + ".failcnt") ?? 0);

    private IReadOnlyList<BlockIoStatistics> ReadBlockIo()
    {
        if (Find("blkio") is not { } directory)
            return [];

        var devices = new SortedDictionary<(uint, uint), ulong[]>();
        AddBlockIo(directory, "blkio.throttle.io_service_bytes_recursive", 0, devices);
        AddBlockIo(directory, "blkio.throttle.io_serviced_recursive", 2, devices);
        var statistics = new List<BlockIoStatistics>(devices.Count);
        foreach (var ((major, minor), sums) in devices)
            statistics.Add(new BlockIoStatistics(new DeviceNumber(major, minor), sums[0], sums[1], sums[2], sums[3]));
        return statistics;
    }

    // Lines "8:0 Read 4096", other operations, and a total without device.
    private static void AddBlockIo(string directory, string file, int offset, SortedDictionary<(uint, uint), ulong[]> devices)
    {
        var content = CgroupFiles.TryRead(directory, file).AsSpan();
        foreach (var range in content.Split((byte)'\n'))
        {
            var fields = new FieldReader(content[range]);
            if (!fields.TryNext(out var device) || !fields.TryNext(out var operation) || !fields.TryNext(out var text) || !FieldReader.TryULong(text, out var count))
                continue;
            var index = operation.SequenceEqual("Read"u8) ? 0 : operation.SequenceEqual("Write"u8) ? 1 : -1;
            if (index < 0 || !BlockDevices.TryParse(device, out var key))
                continue;
            if (!devices.TryGetValue(key, out var values))
                devices.Add(key, values = new ulong[4]);
            values[offset + index] = count;
        }
    }
}
