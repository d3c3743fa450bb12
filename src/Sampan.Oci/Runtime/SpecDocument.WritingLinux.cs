using System.Text.Json;
using Sampan.Oci.Documents;

namespace Sampan.Oci.Runtime;

/// <summary>Writes the <c>linux</c> section.</summary>
public static partial class SpecDocument
{
    private static void Write(Utf8JsonWriter json, LinuxSection linux)
    {
        json.WriteObjects("uidMappings"u8, linux.UidMappings, Write);
        json.WriteObjects("gidMappings"u8, linux.GidMappings, Write);
        json.WriteTexts("sysctl"u8, linux.Sysctl);
        json.WriteObject("resources"u8, linux.Resources, Write);
        json.WriteText("cgroupsPath"u8, linux.CgroupsPath);
        json.WriteObjects("namespaces"u8, linux.Namespaces, static (json, one) =>
        {
            json.WriteString("type"u8, one.Type);
            json.WriteText("path"u8, one.Path);
        });
        json.WriteObjects("devices"u8, linux.Devices, Write);
        json.WriteObjects("netDevices"u8, linux.NetDevices, static (json, one) => json.WriteText("name"u8, one.Name));
        json.WriteObject("seccomp"u8, linux.Seccomp, Write);
        json.WriteText("rootfsPropagation"u8, linux.RootfsPropagation);
        json.WriteTexts("maskedPaths"u8, linux.MaskedPaths);
        json.WriteTexts("readonlyPaths"u8, linux.ReadonlyPaths);
        json.WriteText("mountLabel"u8, linux.MountLabel);
        json.WriteObject("intelRdt"u8, linux.IntelRdt, Write);
        json.WriteObject("memoryPolicy"u8, linux.MemoryPolicy, static (json, one) =>
        {
            json.WriteString("mode"u8, one.Mode);
            json.WriteString("nodes"u8, one.Nodes);
            json.WriteTexts("flags"u8, one.Flags);
        });
        json.WriteObject("personality"u8, linux.Personality, static (json, one) =>
        {
            json.WriteString("domain"u8, one.Domain);
            json.WriteTexts("flags"u8, one.Flags);
        });
        json.WriteObjects("timeOffsets"u8, linux.TimeOffsets, static (json, one) =>
        {
            json.WriteNumber("secs"u8, one.Secs);
            json.WriteNumber("nanosecs"u8, one.Nanosecs);
        });
    }

    private static void Write(Utf8JsonWriter json, Device device)
    {
        json.WriteString("type"u8, device.Type);
        json.WriteString("path"u8, device.Path);
        json.WriteNumber("major"u8, device.Major);
        json.WriteNumber("minor"u8, device.Minor);
        json.WriteWhole("fileMode"u8, device.FileMode);
        json.WriteWhole("uid"u8, device.Uid);
        json.WriteWhole("gid"u8, device.Gid);
    }

    private static void Write(Utf8JsonWriter json, IntelRdt rdt)
    {
        json.WriteText("closID"u8, rdt.ClosId);
        json.WriteText("l3CacheSchema"u8, rdt.L3CacheSchema);
        json.WriteText("memBwSchema"u8, rdt.MemBwSchema);
        json.WriteBoolean("enableCMT"u8, rdt.EnableCmt);
        json.WriteBoolean("enableMBM"u8, rdt.EnableMbm);
    }

    private static void Write(Utf8JsonWriter json, Seccomp seccomp)
    {
        json.WriteString("defaultAction"u8, seccomp.DefaultAction);
        json.WriteWhole("defaultErrnoRet"u8, seccomp.DefaultErrnoRet);
        json.WriteTexts("architectures"u8, seccomp.Architectures);
        json.WriteTexts("flags"u8, seccomp.Flags);
        json.WriteText("listenerPath"u8, seccomp.ListenerPath);
        json.WriteText("listenerMetadata"u8, seccomp.ListenerMetadata);
        json.WriteObjects("syscalls"u8, seccomp.Syscalls, static (json, rule) =>
        {
            json.WriteTexts("names"u8, rule.Names);
            json.WriteString("action"u8, rule.Action);
            json.WriteWhole("errnoRet"u8, rule.ErrnoRet);
            json.WriteObjects("args"u8, rule.Args, static (json, argument) =>
            {
                json.WriteNumber("index"u8, argument.Index);
                json.WriteNumber("value"u8, argument.Value);
                json.WriteNumber("valueTwo"u8, argument.ValueTwo);
                json.WriteString("op"u8, argument.Op);
            });
        });
    }
}
