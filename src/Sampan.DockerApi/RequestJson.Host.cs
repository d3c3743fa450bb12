using System.Text.Json;
using Sampan.DockerApi.Containers;

namespace Sampan.DockerApi;

/// <summary>
/// The host's part of a container's settings. The code that is generated for it would ask the serializer for the metadata of a nullable number, just to
/// write that there is none: a fifth of what <c>create</c> takes.
/// </summary>
internal sealed partial class RequestJson
{
    private void WriteHost(Utf8JsonWriter writer, HostConfig host)
    {
        writer.WriteStartObject();
        WriteList(writer, "Binds"u8, host.Binds);
        writer.WriteString("ContainerIDFile"u8, host.ContainerIDFile);
        if (host.LogConfig is not null) Put("LogConfig"u8, writer, host.LogConfig, LogConfigSerializeHandler);
        writer.WriteString("NetworkMode"u8, host.NetworkMode);
        WritePorts(writer, host.PortBindings);
        if (host.RestartPolicy is not null) Put("RestartPolicy"u8, writer, host.RestartPolicy, RestartPolicySerializeHandler);
        writer.WriteBoolean("AutoRemove"u8, host.AutoRemove);
        writer.WriteString("VolumeDriver"u8, host.VolumeDriver);
        WriteList(writer, "VolumesFrom"u8, host.VolumesFrom);
        if (host.ConsoleSize is not null) Put("ConsoleSize"u8, writer, host.ConsoleSize, IReadOnlyListInt32SerializeHandler);
        WriteMap(writer, "Annotations"u8, host.Annotations);
        WriteList(writer, "CapAdd"u8, host.CapAdd);
        WriteList(writer, "CapDrop"u8, host.CapDrop);
        writer.WriteString("CgroupnsMode"u8, host.CgroupnsMode);
        WriteList(writer, "Dns"u8, host.Dns);
        WriteList(writer, "DnsOptions"u8, host.DnsOptions);
        WriteList(writer, "DnsSearch"u8, host.DnsSearch);
        WriteList(writer, "ExtraHosts"u8, host.ExtraHosts);
        WriteList(writer, "GroupAdd"u8, host.GroupAdd);
        writer.WriteString("IpcMode"u8, host.IpcMode);
        writer.WriteString("Cgroup"u8, host.Cgroup);
        WriteList(writer, "Links"u8, host.Links);
        writer.WriteNumber("OomScoreAdj"u8, host.OomScoreAdj);
        writer.WriteString("PidMode"u8, host.PidMode);
        writer.WriteBoolean("Privileged"u8, host.Privileged);
        writer.WriteBoolean("PublishAllPorts"u8, host.PublishAllPorts);
        writer.WriteBoolean("ReadonlyRootfs"u8, host.ReadonlyRootfs);
        WriteList(writer, "SecurityOpt"u8, host.SecurityOpt);
        WriteMap(writer, "StorageOpt"u8, host.StorageOpt);
        WriteMap(writer, "Tmpfs"u8, host.Tmpfs);
        writer.WriteString("UTSMode"u8, host.UTSMode);
        writer.WriteString("UsernsMode"u8, host.UsernsMode);
        writer.WriteNumber("ShmSize"u8, host.ShmSize);
        WriteMap(writer, "Sysctls"u8, host.Sysctls);
        writer.WriteString("Runtime"u8, host.Runtime);
        writer.WriteString("Isolation"u8, host.Isolation);
        if (host.Mounts is not null) Put("Mounts"u8, writer, host.Mounts, MountListSerializeHandler);
        WriteList(writer, "MaskedPaths"u8, host.MaskedPaths);
        WriteList(writer, "ReadonlyPaths"u8, host.ReadonlyPaths);
        if (host.Init is { } init) writer.WriteBoolean("Init"u8, init);
        WriteResources(writer, host);
        writer.WriteEndObject();
    }

    private void WriteResources(Utf8JsonWriter writer, Resources resources)
    {
        writer.WriteNumber("CpuShares"u8, resources.CpuShares);
        writer.WriteNumber("Memory"u8, resources.Memory);
        writer.WriteNumber("NanoCpus"u8, resources.NanoCpus);
        writer.WriteString("CgroupParent"u8, resources.CgroupParent);
        writer.WriteNumber("BlkioWeight"u8, resources.BlkioWeight);
        Put("BlkioWeightDevice"u8, writer, resources.BlkioWeightDevice, WeightListSerializeHandler);
        Put("BlkioDeviceReadBps"u8, writer, resources.BlkioDeviceReadBps, ThrottleListSerializeHandler);
        Put("BlkioDeviceWriteBps"u8, writer, resources.BlkioDeviceWriteBps, ThrottleListSerializeHandler);
        Put("BlkioDeviceReadIOps"u8, writer, resources.BlkioDeviceReadIOps, ThrottleListSerializeHandler);
        Put("BlkioDeviceWriteIOps"u8, writer, resources.BlkioDeviceWriteIOps, ThrottleListSerializeHandler);
        writer.WriteNumber("CpuPeriod"u8, resources.CpuPeriod);
        writer.WriteNumber("CpuQuota"u8, resources.CpuQuota);
        writer.WriteNumber("CpuRealtimePeriod"u8, resources.CpuRealtimePeriod);
        writer.WriteNumber("CpuRealtimeRuntime"u8, resources.CpuRealtimeRuntime);
        writer.WriteString("CpusetCpus"u8, resources.CpusetCpus);
        writer.WriteString("CpusetMems"u8, resources.CpusetMems);
        Put("Devices"u8, writer, resources.Devices, DeviceListSerializeHandler);
        WriteList(writer, "DeviceCgroupRules"u8, resources.DeviceCgroupRules);
        Put("DeviceRequests"u8, writer, resources.DeviceRequests, DeviceRequestListSerializeHandler);
        if (resources.KernelMemory != 0) writer.WriteNumber("KernelMemory"u8, resources.KernelMemory);
        if (resources.KernelMemoryTCP != 0) writer.WriteNumber("KernelMemoryTCP"u8, resources.KernelMemoryTCP);
        writer.WriteNumber("MemoryReservation"u8, resources.MemoryReservation);
        writer.WriteNumber("MemorySwap"u8, resources.MemorySwap);
        if (resources.MemorySwappiness is { } swappiness) writer.WriteNumber("MemorySwappiness"u8, swappiness);
        if (resources.OomKillDisable is { } disable) writer.WriteBoolean("OomKillDisable"u8, disable);
        else writer.WriteNull("OomKillDisable"u8);
        if (resources.PidsLimit is { } pids) writer.WriteNumber("PidsLimit"u8, pids);
        else writer.WriteNull("PidsLimit"u8);
        Put("Ulimits"u8, writer, resources.Ulimits, UlimitListSerializeHandler);
        writer.WriteNumber("CpuCount"u8, resources.CpuCount);
        writer.WriteNumber("CpuPercent"u8, resources.CpuPercent);
        writer.WriteNumber("IOMaximumIOps"u8, resources.IOMaximumIOps);
        writer.WriteNumber("IOMaximumBandwidth"u8, resources.IOMaximumBandwidth);
    }

    private void WritePorts(Utf8JsonWriter writer, IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>? ports)
    {
        if (ports is null)
        {
            writer.WriteNull("PortBindings"u8);
            return;
        }
        writer.WriteStartObject("PortBindings"u8);
        foreach (var (port, bindings) in ports)
        {
            writer.WritePropertyName(port);
            PortListSerializeHandler(writer, bindings);
        }
        writer.WriteEndObject();
    }

    private void WriteMap(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyDictionary<string, string>? map)
    {
        if (map is not null) Put(name, writer, map, IReadOnlyDictionaryStringStringSerializeHandler);
    }

    // Null is written as null.
    private static void Put<T>(ReadOnlySpan<byte> name, Utf8JsonWriter writer, T? value, Action<Utf8JsonWriter, T?> write)
        where T : class
    {
        writer.WritePropertyName(name);
        if (value is null) writer.WriteNullValue();
        else write(writer, value);
    }
}
