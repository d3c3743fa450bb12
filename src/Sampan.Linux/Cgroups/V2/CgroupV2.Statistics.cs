using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Proc;

namespace Sampan.Linux.Cgroups.V2;

/// <summary>What the v2 controllers count.</summary>
internal sealed partial class CgroupV2
{
    public CgroupStatistics ReadStatistics() => new()
    {
        Cpu = ReadCpu(),
        Memory = ReadMemory(),
        Pids = CgroupFiles.TryReadNumber(_directory, "pids.current") is { } current
            ? new PidsStatistics(current, CgroupFiles.TryReadNumber(_directory, "pids.max"))
            : null,
        BlockIo = ParseIoStat(CgroupFiles.TryRead(_directory, "io.stat")),
        HugePages = DeviceCounters.HugePages(_directory, ".current", (size, usage) => new HugePageStatistics(size, usage, null, CgroupFiles.ReadKeyed(_directory, $"hugetlb.{size}.events").GetValueOrDefault("max"))),
        Rdma = DeviceCounters.Rdma(_directory),
    };

    public long ReadOomKills() => (long)CgroupFiles.ReadKeyed(_directory, "memory.events").GetValueOrDefault("oom_kill");

    /// <summary>Lines <c>8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0</c>.</summary>
    internal static IReadOnlyList<BlockIoStatistics> ParseIoStat(ReadOnlySpan<byte> content)
    {
        var list = new List<BlockIoStatistics>();
        foreach (var range in content.Split((byte)'\n'))
        {
            var fields = new FieldReader(content[range]);
            if (!fields.TryNext(out var device) || !BlockDevices.TryParse(device, out var number))
                continue;

            var values = new Dictionary<string, ulong>(StringComparer.Ordinal);
            while (fields.TryNext(out var field))
            {
                var equals = field.IndexOf((byte)'=');
                if (equals > 0 && FieldReader.TryULong(field[(equals + 1)..], out var value))
                    values[Encoding.UTF8.GetString(field[..equals])] = value;
            }

            if (values.Count > 0)
                list.Add(new BlockIoStatistics(new DeviceNumber(number.Major, number.Minor), values.GetValueOrDefault("rbytes"), values.GetValueOrDefault("wbytes"), values.GetValueOrDefault("rios"), values.GetValueOrDefault("wios")));
        }

        return list;
    }

    private CpuStatistics? ReadCpu()
    {
        // cpu.stat is there without the controller too, then without the throttling lines; microseconds
        var stat = CgroupFiles.ReadKeyed(_directory, "cpu.stat");
        return !stat.TryGetValue("usage_usec", out var total) ? null : new CpuStatistics
        {
            Total = total * 1000,
            User = stat.GetValueOrDefault("user_usec") * 1000,
            System = stat.GetValueOrDefault("system_usec") * 1000,
            Periods = stat.GetValueOrDefault("nr_periods"),
            ThrottledPeriods = stat.GetValueOrDefault("nr_throttled"),
            ThrottledTime = stat.GetValueOrDefault("throttled_usec") * 1000,
        };
    }

    private MemoryStatistics? ReadMemory() => CgroupFiles.TryReadNumber(_directory, "memory.current") is not { } usage ? null : new MemoryStatistics
    {
        Usage = usage,
        MaxUsage = CgroupFiles.TryReadNumber(_directory, "memory.peak"),
        Limit = CgroupFiles.TryReadNumber(_directory, "memory.max"),
        Swap = CgroupFiles.TryReadNumber(_directory, "memory.swap.current"),
        FailCount = CgroupFiles.ReadKeyed(_directory, "memory.events").GetValueOrDefault("max"),
        Details = CgroupFiles.ReadKeyed(_directory, "memory.stat"),
    };
}
