using Sampan.Oci.Documents;

namespace Sampan.Oci.Runtime;

/// <summary>The <c>linux</c> section, but for its limits.</summary>
public static partial class SpecDocument
{
    private static LinuxSection Linux(DocumentValue from) => new()
    {
        UidMappings = from["uidMappings"u8].Objects(IdMapping),
        GidMappings = from["gidMappings"u8].Objects(IdMapping),
        Sysctl = from["sysctl"u8].TextsByName(),
        Resources = from["resources"u8].Object(Resources),
        CgroupsPath = from["cgroupsPath"u8].TextOrNull(),
        Namespaces = from["namespaces"u8].Objects(static one => new Namespace { Type = one["type"u8].Text(), Path = one["path"u8].TextOrNull() }),
        Devices = from["devices"u8].Objects(Device),
        NetDevices = from["netDevices"u8].ObjectsByName(static one => new NetDevice { Name = one["name"u8].TextOrNull() }),
        Seccomp = from["seccomp"u8].Object(Seccomp),
        RootfsPropagation = from["rootfsPropagation"u8].TextOrNull(),
        MaskedPaths = from["maskedPaths"u8].Texts(),
        ReadonlyPaths = from["readonlyPaths"u8].Texts(),
        MountLabel = from["mountLabel"u8].TextOrNull(),
        IntelRdt = from["intelRdt"u8].Object(IntelRdt),
        MemoryPolicy = from["memoryPolicy"u8].Object(static one => new MemoryPolicy { Mode = one["mode"u8].Text(), Nodes = one["nodes"u8].Text(), Flags = one["flags"u8].Texts() }),
        Personality = from["personality"u8].Object(static one => new Personality { Domain = one["domain"u8].Text(), Flags = one["flags"u8].Texts() }),
        TimeOffsets = from["timeOffsets"u8].ObjectsByName(static one => new TimeOffset { Secs = one["secs"u8].Int64(), Nanosecs = one["nanosecs"u8].UInt32() }),
    };

    private static Device Device(DocumentValue from) => new()
    {
        Type = from["type"u8].Text(),
        Path = from["path"u8].Text(),
        Major = from["major"u8].Int64(),
        Minor = from["minor"u8].Int64(),
        FileMode = from["fileMode"u8].UInt32OrNull(),
        Uid = from["uid"u8].UInt32OrNull(),
        Gid = from["gid"u8].UInt32OrNull(),
    };

    private static IntelRdt IntelRdt(DocumentValue from) => new()
    {
        ClosId = from["closID"u8].TextOrNull(),
        L3CacheSchema = from["l3CacheSchema"u8].TextOrNull(),
        MemBwSchema = from["memBwSchema"u8].TextOrNull(),
        EnableCmt = from["enableCMT"u8].Boolean(),
        EnableMbm = from["enableMBM"u8].Boolean(),
    };

    private static Seccomp Seccomp(DocumentValue from) => new()
    {
        DefaultAction = from["defaultAction"u8].Text(),
        DefaultErrnoRet = from["defaultErrnoRet"u8].UInt32OrNull(),
        Architectures = from["architectures"u8].Texts(),
        Flags = from["flags"u8].Texts(),
        ListenerPath = from["listenerPath"u8].TextOrNull(),
        ListenerMetadata = from["listenerMetadata"u8].TextOrNull(),
        Syscalls = from["syscalls"u8].Objects(SeccompRule),
    };

    private static SeccompRule SeccompRule(DocumentValue from) => new()
    {
        Names = from["names"u8].Texts(),
        Action = from["action"u8].Text(),
        ErrnoRet = from["errnoRet"u8].UInt32OrNull(),
        Args = from["args"u8].Objects(SeccompArgument),
    };

    /// <summary>Reads a condition of a system call filter, of the specification's or of Docker's form: they are alike.</summary>
    public static SeccompArgument SeccompArgument(DocumentValue from) => new()
    {
        Index = from["index"u8].UInt32(),
        Value = from["value"u8].UInt64(),
        ValueTwo = from["valueTwo"u8].UInt64(),
        Op = from["op"u8].Text(),
    };
}
