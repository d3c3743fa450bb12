using System.Text.Json;
using Sampan.Oci.Documents;

namespace Sampan.Oci.Runtime;

/// <summary>Writes limits.</summary>
public static partial class SpecDocument
{
    private static void Write(Utf8JsonWriter json, Resources resources)
    {
        json.WriteObjects("devices"u8, resources.Devices, static (json, rule) =>
        {
            json.WriteBoolean("allow"u8, rule.Allow);
            json.WriteText("type"u8, rule.Type);
            json.WriteWhole("major"u8, rule.Major);
            json.WriteWhole("minor"u8, rule.Minor);
            json.WriteText("access"u8, rule.Access);
        });
        json.WriteObject("memory"u8, resources.Memory, Write);
        json.WriteObject("cpu"u8, resources.Cpu, Write);
        json.WriteObject("pids"u8, resources.Pids, static (json, pids) => json.WriteWhole("limit"u8, pids.Limit));
        json.WriteObject("blockIO"u8, resources.BlockIo, Write);
        json.WriteObjects("hugepageLimits"u8, resources.HugepageLimits, static (json, limit) =>
        {
            json.WriteString("pageSize"u8, limit.PageSize);
            json.WriteNumber("limit"u8, limit.Limit);
        });
        json.WriteObject("network"u8, resources.Network, static (json, network) =>
        {
            json.WriteWhole("classID"u8, network.ClassId);
            json.WriteObjects("priorities"u8, network.Priorities, static (json, link) =>
            {
                json.WriteString("name"u8, link.Name);
                json.WriteNumber("priority"u8, link.Priority);
            });
        });
        json.WriteObjects("rdma"u8, resources.Rdma, static (json, limit) =>
        {
            json.WriteWhole("hcaHandles"u8, limit.HcaHandles);
            json.WriteWhole("hcaObjects"u8, limit.HcaObjects);
        });
        json.WriteTexts("unified"u8, resources.Unified);
    }

    private static void Write(Utf8JsonWriter json, MemoryLimits memory)
    {
        json.WriteWhole("limit"u8, memory.Limit);
        json.WriteWhole("reservation"u8, memory.Reservation);
        json.WriteWhole("swap"u8, memory.Swap);
        json.WriteWhole("kernel"u8, memory.Kernel);
        json.WriteWhole("kernelTCP"u8, memory.KernelTcp);
        json.WriteWhole("swappiness"u8, memory.Swappiness);
        json.WriteSwitch("disableOOMKiller"u8, memory.DisableOomKiller);
        json.WriteSwitch("useHierarchy"u8, memory.UseHierarchy);
        json.WriteSwitch("checkBeforeUpdate"u8, memory.CheckBeforeUpdate);
    }

    private static void Write(Utf8JsonWriter json, CpuLimits cpu)
    {
        json.WriteWhole("shares"u8, cpu.Shares);
        json.WriteWhole("quota"u8, cpu.Quota);
        json.WriteWhole("burst"u8, cpu.Burst);
        json.WriteWhole("period"u8, cpu.Period);
        json.WriteWhole("realtimeRuntime"u8, cpu.RealtimeRuntime);
        json.WriteWhole("realtimePeriod"u8, cpu.RealtimePeriod);
        json.WriteText("cpus"u8, cpu.Cpus);
        json.WriteText("mems"u8, cpu.Mems);
        json.WriteWhole("idle"u8, cpu.Idle);
    }

    private static void Write(Utf8JsonWriter json, BlockIoLimits blocks)
    {
        json.WriteWhole("weight"u8, (long?)blocks.Weight);
        json.WriteWhole("leafWeight"u8, (long?)blocks.LeafWeight);
        json.WriteObjects("weightDevice"u8, blocks.WeightDevice, static (json, device) =>
        {
            json.WriteNumber("major"u8, device.Major);
            json.WriteNumber("minor"u8, device.Minor);
            json.WriteWhole("weight"u8, (long?)device.Weight);
            json.WriteWhole("leafWeight"u8, (long?)device.LeafWeight);
        });
        json.WriteObjects("throttleReadBpsDevice"u8, blocks.ThrottleReadBpsDevice, Write);
        json.WriteObjects("throttleWriteBpsDevice"u8, blocks.ThrottleWriteBpsDevice, Write);
        json.WriteObjects("throttleReadIOPSDevice"u8, blocks.ThrottleReadIopsDevice, Write);
        json.WriteObjects("throttleWriteIOPSDevice"u8, blocks.ThrottleWriteIopsDevice, Write);
    }

    private static void Write(Utf8JsonWriter json, BlockIoThrottle throttle)
    {
        json.WriteNumber("major"u8, throttle.Major);
        json.WriteNumber("minor"u8, throttle.Minor);
        json.WriteNumber("rate"u8, throttle.Rate);
    }
}
