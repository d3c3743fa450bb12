using System.Globalization;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Systemd;

/// <summary>
/// Limits as properties of a unit. systemd writes the files of a group anew whenever it loads its configuration: what it is not told would be lost then.
/// What it has no property for stays in the files as it is. Device rules are a program of ours, which systemd leaves alone.
/// </summary>
internal static class ScopeProperties
{
    private const ulong Infinity = ulong.MaxValue;
    private const ulong DefaultPeriod = 100_000;

    /// <summary>The properties of a new scope.</summary>
    /// <param name="slice">What it is in.</param>
    /// <param name="description">For who lists units.</param>
    /// <param name="pid">Its first process: systemd starts no empty scope.</param>
    internal static IReadOnlyList<UnitProperty> ForNew(string slice, string description, int pid) =>
    [
        new("Description", new DBusValue.Text(description)),
        new("Slice", new DBusValue.Text(slice)),
        new("Delegate", new DBusValue.Flag(true)),
        new("PIDs", new DBusValue.Numbers32([(uint)pid])),
        new("MemoryAccounting", new DBusValue.Flag(true)),
        new("CPUAccounting", new DBusValue.Flag(true)),
        new("IOAccounting", new DBusValue.Flag(true)),
        new("TasksAccounting", new DBusValue.Flag(true)),
        // It ends with its container, not with the machine's shutdown before what it needs.
        new("DefaultDependencies", new DBusValue.Flag(false)),
        new("CollectMode", new DBusValue.Text("inactive-or-failed")),
    ];

    /// <summary>Limits as properties.</summary>
    /// <param name="resources">The limits.</param>
    /// <param name="cpuMax">What the group's <c>cpu.max</c> says now: of quota and period the one that is not given stays.</param>
    /// <exception cref="RuntimeException">A list of processors is none, or limits contradict each other.</exception>
    internal static IReadOnlyList<UnitProperty> Of(CgroupResources resources, string cpuMax)
    {
        var properties = new List<UnitProperty>();
        if (resources.Memory is { } memory)
            AddMemory(memory, properties);
        if (resources.Cpu is { } cpu)
            AddCpu(cpu, cpuMax, properties);
        if (resources.Pids is { } pids)
            properties.Add(Limit("TasksMax", pids));
        foreach (var (file, value) in resources.Unified)
        {
            if (FromFile(file, value, cpuMax) is { } property)
                properties.AddRange(property);
        }
        return properties;
    }

    private static void AddMemory(MemoryLimits memory, List<UnitProperty> properties)
    {
        if (memory.Limit is { } limit)
            properties.Add(Limit("MemoryMax", limit));
        if (memory.Reservation is { } reservation)
            properties.Add(Limit("MemoryLow", reservation));
        if (memory.SwapLimit is not { } both)
            return;
        if (!CgroupConversions.TrySwapMax(memory.Limit, both, out var swap))
            throw new RuntimeException("resources", $"cannot set memory and swap limit '{both}': it must be -1, or at least the memory limit, which must be set too");
        properties.Add(new("MemorySwapMax", new DBusValue.Number64(swap == "max" ? Infinity : ulong.Parse(swap, CultureInfo.InvariantCulture))));
    }

    private static void AddCpu(CpuLimits cpu, string cpuMax, List<UnitProperty> properties)
    {
        if (cpu.Shares is { } shares && cpu.Idle is not 1) // an idle group has no weight
            properties.Add(new("CPUWeight", new DBusValue.Number64(CgroupConversions.SharesToWeight(shares))));
        if (cpu.Quota is not null || cpu.Period is not null)
            properties.AddRange(Quota(cpu.Quota, cpu.Period, cpuMax));
        if (cpu.Cpus is { Length: > 0 } cpus)
            properties.Add(new("AllowedCPUs", Mask("cpus", cpus)));
        if (cpu.Mems is { Length: > 0 } mems)
            properties.Add(new("AllowedMemoryNodes", Mask("mems", mems)));
    }

    /// <summary>systemd keeps the time per second, in steps of 10 ms, and the period.</summary>
    private static IEnumerable<UnitProperty> Quota(long? quota, ulong? period, string cpuMax)
    {
        const ulong Second = 1_000_000, Step = 10_000;
        var now = cpuMax.Split(' ');
        var length = period ?? (now.Length > 1 && ulong.TryParse(now[1], NumberStyles.None, CultureInfo.InvariantCulture, out var current) ? current : DefaultPeriod);
        var time = quota ?? (long.TryParse(now[0], NumberStyles.None, CultureInfo.InvariantCulture, out var used) ? used : -1);
        var perSecond = Infinity;
        if (time > 0)
        {
            var exact = (UInt128)(ulong)time * Second / length;
            perSecond = (ulong)UInt128.Min((exact + Step - 1) / Step * Step, Infinity - 1);
        }
        yield return new("CPUQuotaPerSecUSec", new DBusValue.Number64(perSecond));
        yield return new("CPUQuotaPeriodUSec", new DBusValue.Number64(length));
    }

    /// <summary>Files that systemd has a property for; null for others.</summary>
    private static IEnumerable<UnitProperty>? FromFile(string file, string value, string cpuMax) => file switch
    {
        "memory.min" => One("MemoryMin", value),
        "memory.low" => One("MemoryLow", value),
        "memory.high" => One("MemoryHigh", value),
        "memory.max" => One("MemoryMax", value),
        "memory.swap.max" => One("MemorySwapMax", value),
        "pids.max" => One("TasksMax", value),
        "cpu.weight" => One("CPUWeight", value),
        "cpuset.cpus" when value.Length > 0 => [new("AllowedCPUs", Mask(file, value))],
        "cpuset.mems" when value.Length > 0 => [new("AllowedMemoryNodes", Mask(file, value))],
        "cpu.max" when value.Split(' ') is [var quota, ..] parts => Quota(
            long.TryParse(quota, NumberStyles.None, CultureInfo.InvariantCulture, out var time) ? time : -1,
            parts.Length > 1 && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var period) ? period : null,
            cpuMax),
        _ => null,
    };

    private static UnitProperty[] One(string name, string value) =>
        value == "max" ? [new(name, new DBusValue.Number64(Infinity))]
        : ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? [new(name, new DBusValue.Number64(number))]
        : []; // the kernel, which gets it as it is, says what is wrong with it

    private static UnitProperty Limit(string name, long limit) => new(name, new DBusValue.Number64(limit < 0 ? Infinity : (ulong)limit));

    /// <summary>Bit n of byte n/8 for processor n.</summary>
    private static DBusValue.Bytes Mask(string what, string list)
    {
        if (!CpuList.TryParse(list, out var words))
            throw new RuntimeException("resources", $"{what} '{list}' is no list of numbers, like '0-3,7'");
        var bytes = new byte[words.Length * sizeof(ulong)];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(words[i / sizeof(ulong)] >> (i % sizeof(ulong) * 8));
        return new DBusValue.Bytes(bytes.AsMemory(0, Math.Max(1, bytes.AsSpan().TrimEnd((byte)0).Length)));
    }
}
