using Sampan.Linux.Cgroups;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;
using DeviceRule = Sampan.Linux.Cgroups.DeviceRule;
using OciRule = Sampan.Oci.Runtime.DeviceRule;

namespace Sampan.Runtime.Launching;

/// <summary>Limits of the specification as the limits of a control group.</summary>
internal static class ResourceConversion
{
    /// <summary>
    /// Devices every container may use, as runc allows them whatever the specification says: making any node, and the default ones, terminals and
    /// the pseudo-terminal multiplexer.
    /// </summary>
    private static readonly DeviceRule[] s_defaultDevices =
    [
        Allow(FileKind.CharacterDevice, null, null, DeviceAccess.Make), Allow(FileKind.BlockDevice, null, null, DeviceAccess.Make),
        Allow(FileKind.CharacterDevice, 1, 3), Allow(FileKind.CharacterDevice, 1, 5), Allow(FileKind.CharacterDevice, 1, 7),
        Allow(FileKind.CharacterDevice, 1, 8), Allow(FileKind.CharacterDevice, 1, 9), Allow(FileKind.CharacterDevice, 5, 0),
        Allow(FileKind.CharacterDevice, 5, 2), Allow(FileKind.CharacterDevice, 136, null),
    ];

    private static DeviceRule Allow(FileKind kind, uint? major, uint? minor, DeviceAccess access = DeviceAccess.All) =>
        new() { Allow = true, Kind = kind, Major = major, Minor = minor, Access = access };

    /// <summary>The limits for a new group. A device of the specification is usable only if a rule allows it: who asks for one writes the rule.</summary>
    internal static CgroupResources ForNew(Resources? resources)
    {
        resources ??= new Resources();
        var rules = new List<DeviceRule>();
        foreach (var rule in resources.Devices)
            rules.Add(Convert(rule));
        if (rules.Count > 0)
            rules.AddRange(s_defaultDevices);
        return ForUpdate(resources) with { Devices = rules.Count > 0 ? rules : null };
    }

    /// <summary>The limits that a running group gets; device rules stay as they are.</summary>
    internal static CgroupResources ForUpdate(Resources resources)
    {
        return new CgroupResources
        {
            Memory = resources.Memory is { } memory ? Convert(memory) : null,
            Cpu = resources.Cpu is { } cpu ? Convert(cpu) : null,
            // "0 or less is unlimited", says the specification; the group's word for it is -1.
            Pids = resources.Pids?.Limit is { } pids ? (pids <= 0 ? -1 : pids) : null,
            BlockIo = resources.BlockIo is { } blocks ? Convert(blocks) : null,
            HugePages = Lists.Convert(resources.HugepageLimits, static limit => new HugePageLimit(limit.PageSize, limit.Limit)),
            NetworkClass = resources.Network?.ClassId,
            NetworkPriorities = Lists.Convert(resources.Network?.Priorities ?? [], static one => (one.Name, one.Priority)),
            Rdma = Lists.Convert([.. resources.Rdma], static one => new Linux.Cgroups.RdmaLimit(one.Key, one.Value.HcaHandles, one.Value.HcaObjects)),
            Unified = resources.Unified,
        };
    }

    private static Linux.Cgroups.MemoryLimits Convert(Oci.Runtime.MemoryLimits memory) => new()
    {
        // 0 is what callers that always write the field send for "not given"; runc reads it so.
        Limit = Given(memory.Limit),
        SwapLimit = Given(memory.Swap),
        Reservation = Given(memory.Reservation),
        // memory.kernel is deprecated: kernels since 5.11 refuse it, and runc ignores it, as the specification allows.
        KernelTcp = Given(memory.KernelTcp),
        Swappiness = memory.Swappiness,
        DisableOomKiller = memory.DisableOomKiller,
        CheckBeforeUpdate = memory.CheckBeforeUpdate ?? false,
    };

    private static long? Given(long? value) => value is 0 ? null : value;

    private static Linux.Cgroups.CpuLimits Convert(Oci.Runtime.CpuLimits cpu) => new()
    {
        Shares = cpu.Shares is > 0 ? cpu.Shares : null,
        Quota = cpu.Quota is 0 ? null : cpu.Quota,
        Period = cpu.Period is > 0 ? cpu.Period : null,
        Burst = cpu.Burst,
        RealtimeRuntime = cpu.RealtimeRuntime is 0 ? null : cpu.RealtimeRuntime,
        RealtimePeriod = cpu.RealtimePeriod is > 0 ? cpu.RealtimePeriod : null,
        Cpus = cpu.Cpus is { Length: > 0 } ? cpu.Cpus : null,
        Mems = cpu.Mems is { Length: > 0 } ? cpu.Mems : null,
        Idle = cpu.Idle,
    };

    private static Linux.Cgroups.BlockIoLimits Convert(Oci.Runtime.BlockIoLimits blocks) => new()
    {
        Weight = blocks.Weight is > 0 ? blocks.Weight : null,
        DeviceWeights = Lists.Convert([.. blocks.WeightDevice.Where(one => one.Weight is > 0)], static one => (Number(one.Major, one.Minor), one.Weight ?? 0)),
        LeafWeight = blocks.LeafWeight is > 0 ? blocks.LeafWeight : null,
        DeviceLeafWeights = Lists.Convert([.. blocks.WeightDevice.Where(one => one.LeafWeight is > 0)], static one => (Number(one.Major, one.Minor), one.LeafWeight ?? 0)),
        ReadBytesPerSecond = Rates(blocks.ThrottleReadBpsDevice),
        WriteBytesPerSecond = Rates(blocks.ThrottleWriteBpsDevice),
        ReadsPerSecond = Rates(blocks.ThrottleReadIopsDevice),
        WritesPerSecond = Rates(blocks.ThrottleWriteIopsDevice),
    };

    private static (DeviceNumber, ulong)[] Rates(IReadOnlyList<BlockIoThrottle> throttles) =>
        Lists.Convert(throttles, static one => (Number(one.Major, one.Minor), one.Rate));

    private static DeviceNumber Number(long major, long minor) => new((uint)major, (uint)minor);

    private static DeviceRule Convert(OciRule rule) => new()
    {
        Allow = rule.Allow,
        Kind = rule.Type switch { null or "" or "a" => null, "c" or "u" => FileKind.CharacterDevice, "b" => FileKind.BlockDevice, _ => throw new RuntimeException("resources", $"the device type '{rule.Type}' is not known") },
        Major = rule.Major is >= 0 ? (uint)rule.Major : null,
        Minor = rule.Minor is >= 0 ? (uint)rule.Minor : null,
        Access = Access(rule.Access),
    };

    private static DeviceAccess Access(string? letters)
    {
        if (letters is null or "")
            return DeviceAccess.All;
        var access = DeviceAccess.None;
        foreach (var letter in letters)
        {
            access |= letter switch
            {
                'r' => DeviceAccess.Read,
                'w' => DeviceAccess.Write,
                'm' => DeviceAccess.Make,
                _ => throw new RuntimeException("resources", $"the device access '{letters}' is not of r, w, m"),
            };
        }
        return access;
    }
}
