using Sampan.Engine.Containers.Wishes;
using Sampan.Oci.Runtime;

namespace Sampan.Engine.Specs;

/// <summary>Limits of the user as the OCI spec writes them.</summary>
internal static class SpecResources
{
    private const long DefaultPeriod = 100_000;

    /// <summary>Everything: limits and the device rules.</summary>
    public static Resources Build(ContainerSpec spec, IReadOnlyList<Device> devices, BlockIoLimits? blocks) =>
        Limits(spec.Resources, blocks) with { Devices = Rules(spec, devices) };

    /// <summary>The limits alone, as an update needs them.</summary>
    /// <param name="wish">What the user asked for.</param>
    /// <param name="blocks">Block I/O limits by device; null: none.</param>
    public static Resources Limits(ResourceLimits wish, BlockIoLimits? blocks) => new()
    {
        Memory = Memory(wish),
        Cpu = Cpu(wish),
        Pids = wish.PidsLimit is { } pids ? new PidsLimit { Limit = pids <= 0 ? -1 : pids } : null,
        BlockIo = wish.BlkioWeight is { } weight ? (blocks ?? new BlockIoLimits()) with { Weight = weight } : blocks,
    };

    private static MemoryLimits? Memory(ResourceLimits wish)
    {
        if (wish is { Memory: null, MemorySwap: null, MemoryReservation: null, MemorySwappiness: null, OomKillDisable: null })
            return null;
        return new MemoryLimits
        {
            Limit = wish.Memory,
            // Docker: a memory limit without a word about swap allows as much swap again.
            Swap = wish.MemorySwap ?? wish.Memory * 2,
            Reservation = wish.MemoryReservation,
            Swappiness = (ulong?)wish.MemorySwappiness,
            DisableOomKiller = wish.OomKillDisable,
        };
    }

    private static CpuLimits? Cpu(ResourceLimits wish)
    {
        if (wish is { NanoCpus: null, CpuShares: null, CpuQuota: null, CpuPeriod: null, CpuRealtimePeriod: null, CpuRealtimeRuntime: null, CpusetCpus: null, CpusetMems: null })
            return null;
        var period = wish.CpuPeriod ?? (wish.NanoCpus is null ? null : DefaultPeriod);
        return new CpuLimits
        {
            Shares = (ulong?)wish.CpuShares,
            Period = (ulong?)period,
            Quota = wish.NanoCpus is { } nano ? nano * DefaultPeriod / 1_000_000_000 : wish.CpuQuota,
            RealtimePeriod = (ulong?)wish.CpuRealtimePeriod,
            RealtimeRuntime = wish.CpuRealtimeRuntime,
            Cpus = wish.CpusetCpus,
            Mems = wish.CpusetMems,
        };
    }

    // Deny all, then what every container has: making nodes (they cannot be opened), the harmless devices, terminals.
    private static List<DeviceRule> Rules(ContainerSpec spec, IReadOnlyList<Device> devices)
    {
        if (spec.Security.Privileged)
            return [new DeviceRule { Allow = true, Access = "rwm" }];
        var rules = new List<DeviceRule>
        {
            new() { Allow = false, Access = "rwm" },
            Allow("c", null, null, "m"),
            Allow("b", null, null, "m"),
            Allow("c", 1, 3), Allow("c", 1, 5), Allow("c", 1, 7), Allow("c", 1, 8), Allow("c", 1, 9),
            Allow("c", 5, 0), Allow("c", 5, 1), Allow("c", 5, 2), Allow("c", 136, null),
        };
        foreach (var device in devices)
        {
            var wish = spec.Resources.Devices.FirstOrDefault(d => device.Path == d.PathInContainer || device.Path.StartsWith(d.PathInContainer + "/", StringComparison.Ordinal));
            rules.Add(Allow(device.Type, device.Major, device.Minor, wish?.Permissions ?? "rwm"));
        }

        rules.AddRange(spec.Resources.DeviceCgroupRules.Select(text => DeviceRules.TryParse(text, out var rule) ? rule : throw EngineException.Invalid($"invalid device cgroup rule: '{text}'")));
        return rules;
    }

    private static DeviceRule Allow(string type, long? major, long? minor, string access = "rwm") =>
        new() { Allow = true, Type = type, Major = major, Minor = minor, Access = access };
}
