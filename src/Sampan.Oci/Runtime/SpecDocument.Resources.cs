using Sampan.Oci.Documents;

namespace Sampan.Oci.Runtime;

/// <summary>Limits.</summary>
public static partial class SpecDocument
{
    private static Resources Resources(DocumentValue from) => new()
    {
        Devices = from["devices"u8].Objects(DeviceRule),
        Memory = from["memory"u8].Object(Memory),
        Cpu = from["cpu"u8].Object(Cpu),
        Pids = from["pids"u8].Object(static one => new PidsLimit { Limit = one["limit"u8].Int64OrNull() }),
        BlockIo = from["blockIO"u8].Object(BlockIo),
        HugepageLimits = from["hugepageLimits"u8].Objects(static one => new HugepageLimit { PageSize = one["pageSize"u8].Text(), Limit = one["limit"u8].UInt64() }),
        Network = from["network"u8].Object(static one => new NetworkLimits
        {
            ClassId = one["classID"u8].UInt32OrNull(),
            Priorities = one["priorities"u8].Objects(static link => new InterfacePriority { Name = link["name"u8].Text(), Priority = link["priority"u8].UInt32() }),
        }),
        Rdma = from["rdma"u8].ObjectsByName(static one => new RdmaLimit { HcaHandles = one["hcaHandles"u8].UInt32OrNull(), HcaObjects = one["hcaObjects"u8].UInt32OrNull() }),
        Unified = from["unified"u8].TextsByName(),
    };

    private static DeviceRule DeviceRule(DocumentValue from) => new()
    {
        Allow = from["allow"u8].Boolean(),
        Type = from["type"u8].TextOrNull(),
        Major = from["major"u8].Int64OrNull(),
        Minor = from["minor"u8].Int64OrNull(),
        Access = from["access"u8].TextOrNull(),
    };

    private static MemoryLimits Memory(DocumentValue from) => new()
    {
        Limit = from["limit"u8].Int64OrNull(),
        Reservation = from["reservation"u8].Int64OrNull(),
        Swap = from["swap"u8].Int64OrNull(),
        Kernel = from["kernel"u8].Int64OrNull(),
        KernelTcp = from["kernelTCP"u8].Int64OrNull(),
        Swappiness = from["swappiness"u8].UInt64OrNull(),
        DisableOomKiller = from["disableOOMKiller"u8].BooleanOrNull(),
        UseHierarchy = from["useHierarchy"u8].BooleanOrNull(),
        CheckBeforeUpdate = from["checkBeforeUpdate"u8].BooleanOrNull(),
    };

    private static CpuLimits Cpu(DocumentValue from) => new()
    {
        Shares = from["shares"u8].UInt64OrNull(),
        Quota = from["quota"u8].Int64OrNull(),
        Burst = from["burst"u8].UInt64OrNull(),
        Period = from["period"u8].UInt64OrNull(),
        RealtimeRuntime = from["realtimeRuntime"u8].Int64OrNull(),
        RealtimePeriod = from["realtimePeriod"u8].UInt64OrNull(),
        Cpus = from["cpus"u8].TextOrNull(),
        Mems = from["mems"u8].TextOrNull(),
        Idle = from["idle"u8].Int64OrNull(),
    };

    private static BlockIoLimits BlockIo(DocumentValue from) => new()
    {
        Weight = from["weight"u8].UInt16OrNull(),
        LeafWeight = from["leafWeight"u8].UInt16OrNull(),
        WeightDevice = from["weightDevice"u8].Objects(static one => new BlockIoWeight
        {
            Major = one["major"u8].Int64(),
            Minor = one["minor"u8].Int64(),
            Weight = one["weight"u8].UInt16OrNull(),
            LeafWeight = one["leafWeight"u8].UInt16OrNull(),
        }),
        ThrottleReadBpsDevice = from["throttleReadBpsDevice"u8].Objects(Throttle),
        ThrottleWriteBpsDevice = from["throttleWriteBpsDevice"u8].Objects(Throttle),
        ThrottleReadIopsDevice = from["throttleReadIOPSDevice"u8].Objects(Throttle),
        ThrottleWriteIopsDevice = from["throttleWriteIOPSDevice"u8].Objects(Throttle),
    };

    private static BlockIoThrottle Throttle(DocumentValue from) =>
        new() { Major = from["major"u8].Int64(), Minor = from["minor"u8].Int64(), Rate = from["rate"u8].UInt64() };
}
