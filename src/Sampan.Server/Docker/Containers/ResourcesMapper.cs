using Sampan.DockerApi.Containers;
using Sampan.Engine.Containers.Wishes;

namespace Sampan.Server.Docker.Containers;

/// <summary>Limits between Docker's fields and the engine's. In Docker's fields 0 means "not given".</summary>
internal static class ResourcesMapper
{
    /// <summary>The limits wished for; what is not given is null.</summary>
    internal static ResourceLimits FromRequest(Resources given, Problems problems)
    {
        problems.Unsupported("CpuCount", given.CpuCount > 0);
        problems.Unsupported("CpuPercent", given.CpuPercent > 0);
        problems.Unsupported("IOMaximumIOps", given.IOMaximumIOps > 0);
        problems.Unsupported("IOMaximumBandwidth", given.IOMaximumBandwidth > 0);
        if (given.BlkioWeight is < 0 or > ushort.MaxValue)
            problems.Invalid("range of blkio weight is from 10 to 1000");

        return new ResourceLimits
        {
            Memory = Given(given.Memory),
            MemorySwap = Given(given.MemorySwap),
            MemoryReservation = Given(given.MemoryReservation),
            MemorySwappiness = given.MemorySwappiness is -1 ? null : given.MemorySwappiness,
            OomKillDisable = given.OomKillDisable,
            NanoCpus = Given(given.NanoCpus),
            CpuShares = Given(given.CpuShares),
            CpuQuota = Given(given.CpuQuota),
            CpuPeriod = Given(given.CpuPeriod),
            CpuRealtimeRuntime = Given(given.CpuRealtimeRuntime),
            CpuRealtimePeriod = Given(given.CpuRealtimePeriod),
            CpusetCpus = ContainerRequestMapper.Given(given.CpusetCpus),
            CpusetMems = ContainerRequestMapper.Given(given.CpusetMems),
            // 0 asks for no limit, as -1 does; null leaves it as it is.
            PidsLimit = given.PidsLimit is 0 ? -1 : given.PidsLimit,
            BlkioWeight = given.BlkioWeight is > 0 and <= ushort.MaxValue ? (ushort)given.BlkioWeight : null,
            BlkioWeightDevices = Map(given.BlkioWeightDevice, d => new DeviceRate(d.Path, (ulong)Math.Max(d.Weight, 0))),
            BlkioReadBytes = Rates(given.BlkioDeviceReadBps, problems),
            BlkioWriteBytes = Rates(given.BlkioDeviceWriteBps, problems),
            BlkioReads = Rates(given.BlkioDeviceReadIOps, problems),
            BlkioWrites = Rates(given.BlkioDeviceWriteIOps, problems),
            DeviceWishes = Map(given.DeviceRequests, d => new DeviceWish
            {
                Driver = ContainerRequestMapper.Given(d.Driver),
                Count = d.Count,
                Ids = d.DeviceIDs ?? [],
                Capabilities = d.Capabilities ?? [],
                Options = d.Options ?? new Dictionary<string, string>(),
            }),
            Ulimits = [.. (given.Ulimits ?? []).Select(u => new UlimitSpec(u.Name, u.Soft, u.Hard))],
            Devices = [.. (given.Devices ?? []).Select(d => new DeviceSpec(d.PathOnHost, d.PathInContainer.Length == 0 ? d.PathOnHost : d.PathInContainer, d.CgroupPermissions.Length == 0 ? "rwm" : d.CgroupPermissions))],
            DeviceCgroupRules = given.DeviceCgroupRules ?? [],
            CgroupParent = ContainerRequestMapper.Given(given.CgroupParent),
        };
    }

    /// <summary>Writes the limits into Docker's fields.</summary>
    internal static HostConfig Fill(HostConfig host, ResourceLimits limits) => host with
    {
        Memory = limits.Memory ?? 0,
        // Who limits the memory alone may swap as much again.
        MemorySwap = limits.MemorySwap ?? limits.Memory * 2 ?? 0,
        MemoryReservation = limits.MemoryReservation ?? 0,
        MemorySwappiness = limits.MemorySwappiness,
        OomKillDisable = limits.OomKillDisable,
        OomScoreAdj = limits.OomScoreAdj ?? 0,
        NanoCpus = limits.NanoCpus ?? 0,
        CpuShares = limits.CpuShares ?? 0,
        CpuQuota = limits.CpuQuota ?? 0,
        CpuPeriod = limits.CpuPeriod ?? 0,
        CpuRealtimeRuntime = limits.CpuRealtimeRuntime ?? 0,
        CpuRealtimePeriod = limits.CpuRealtimePeriod ?? 0,
        CpusetCpus = limits.CpusetCpus ?? "",
        CpusetMems = limits.CpusetMems ?? "",
        PidsLimit = limits.PidsLimit,
        BlkioWeight = limits.BlkioWeight ?? 0,
        Ulimits = [.. limits.Ulimits.Select(u => new Ulimit { Name = u.Name, Soft = u.Soft, Hard = u.Hard })],
        Devices = [.. limits.Devices.Select(d => new DeviceMapping { PathOnHost = d.PathOnHost, PathInContainer = d.PathInContainer, CgroupPermissions = d.Permissions })],
        DeviceCgroupRules = limits.DeviceCgroupRules.Count == 0 ? null : limits.DeviceCgroupRules,
        CgroupParent = limits.CgroupParent ?? "",
        BlkioWeightDevice = Known(limits.BlkioWeightDevices, d => new WeightDevice { Path = d.Path, Weight = (int)d.Rate }),
        BlkioDeviceReadBps = Known(limits.BlkioReadBytes, ToThrottle),
        BlkioDeviceWriteBps = Known(limits.BlkioWriteBytes, ToThrottle),
        BlkioDeviceReadIOps = Known(limits.BlkioReads, ToThrottle),
        BlkioDeviceWriteIOps = Known(limits.BlkioWrites, ToThrottle),
        DeviceRequests = Known(limits.DeviceWishes, d => new DeviceRequest
        {
            Driver = d.Driver ?? "",
            Count = d.Count,
            DeviceIDs = d.Ids.Count == 0 ? null : d.Ids,
            Capabilities = d.Capabilities,
            Options = d.Options,
        }),
    };

    /// <summary>What an update takes away: an empty list says so, an absent one leaves what is there.</summary>
    internal static DeviceLimits Cleared(Resources given) =>
        (given.BlkioWeightDevice is { Count: 0 } ? DeviceLimits.Weights : 0)
        | (given.BlkioDeviceReadBps is { Count: 0 } ? DeviceLimits.ReadBytes : 0)
        | (given.BlkioDeviceWriteBps is { Count: 0 } ? DeviceLimits.WriteBytes : 0)
        | (given.BlkioDeviceReadIOps is { Count: 0 } ? DeviceLimits.Reads : 0)
        | (given.BlkioDeviceWriteIOps is { Count: 0 } ? DeviceLimits.Writes : 0);

    private static long? Given(long value) => value == 0 ? null : value;

    private static IReadOnlyList<DeviceRate> Rates(IReadOnlyList<ThrottleDevice>? devices, Problems problems)
    {
        foreach (var device in (devices ?? []).Where(d => d.Rate <= 0))
            problems.Invalid($"invalid rate {device.Rate} for device '{device.Path}': it must be positive");
        return Map(devices, d => new DeviceRate(d.Path, (ulong)Math.Max(d.Rate, 0)));
    }

    private static ThrottleDevice ToThrottle(DeviceRate rate) => new() { Path = rate.Path, Rate = (long)rate.Rate };

    private static IReadOnlyList<TTo> Map<TFrom, TTo>(IReadOnlyList<TFrom>? list, Func<TFrom, TTo> map) => list is { Count: > 0 } ? [.. list.Select(map)] : [];

    private static IReadOnlyList<TTo>? Known<TFrom, TTo>(IReadOnlyList<TFrom> list, Func<TFrom, TTo> map) => list.Count == 0 ? null : [.. list.Select(map)];
}
