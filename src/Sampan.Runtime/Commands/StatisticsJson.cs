using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sampan.Linux.Cgroups;

namespace Sampan.Runtime.Commands;

/// <summary>Counters in the shape of runc's <c>events</c> (types/events.go): what is 0 is left out where runc leaves it out.</summary>
internal static class StatisticsJson
{
    /// <summary>What runc says for no limit on v1: the largest page-aligned number.</summary>
    private const ulong NoLimit = 0x7fff_ffff_ffff_f000;

    internal static string OomLine(string id) => Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "oom");
        writer.WriteString("id", id);
        writer.WriteEndObject();
    });

    /// <param name="id">The container.</param>
    /// <param name="counters">Its counters.</param>
    /// <param name="swapWithMemory">True for v1, where swap is counted together with memory.</param>
    internal static string Line(string id, CgroupStatistics counters, bool swapWithMemory) => Text(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type", "stats");
        writer.WriteString("id", id);
        writer.WriteStartObject("data");
        WriteCpu(writer, counters.Cpu);
        writer.WriteStartObject("cpuset");
        writer.WriteEndObject();
        WriteMemory(writer, counters.Memory, swapWithMemory);
        writer.WriteStartObject("pids");
        WriteUnlessZero(writer, "current", counters.Pids?.Current ?? 0);
        WriteUnlessZero(writer, "limit", counters.Pids?.Limit ?? 0);
        writer.WriteEndObject();
        WriteBlockIo(writer, counters.BlockIo);
        writer.WriteStartObject("hugetlb");
        foreach (var size in counters.HugePages)
            WriteHugePages(writer, size);
        writer.WriteEndObject();
        WriteRdma(writer, counters.Rdma);
        writer.WriteStartObject("intel_rdt");
        writer.WriteEndObject();
        writer.WriteNull("network_interfaces");
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static void WriteCpu(Utf8JsonWriter writer, CpuStatistics? cpu)
    {
        writer.WriteStartObject("cpu");
        writer.WriteStartObject("usage");
        WriteUnlessZero(writer, "total", cpu?.Total ?? 0);
        if (cpu is { PerProcessor.Count: > 0 })
        {
            writer.WriteStartArray("percpu");
            foreach (var one in cpu.PerProcessor)
                writer.WriteNumberValue(one);
            writer.WriteEndArray();
        }
        writer.WriteNumber("kernel", cpu?.System ?? 0);
        writer.WriteNumber("user", cpu?.User ?? 0);
        writer.WriteEndObject();
        writer.WriteStartObject("throttling");
        WriteUnlessZero(writer, "periods", cpu?.Periods ?? 0);
        WriteUnlessZero(writer, "throttledPeriods", cpu?.ThrottledPeriods ?? 0);
        WriteUnlessZero(writer, "throttledTime", cpu?.ThrottledTime ?? 0);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter writer, MemoryStatistics? memory, bool swapWithMemory)
    {
        writer.WriteStartObject("memory");
        WriteUnlessZero(writer, "cache", memory?.Details.GetValueOrDefault("cache") ?? 0);
        var limit = memory is null ? 0 : memory.Limit ?? NoLimit;
        WriteEntry(writer, "usage", limit, memory?.Usage ?? 0, memory?.MaxUsage ?? 0, memory?.FailCount ?? 0);
        var swap = memory?.Swap is { } used ? (swapWithMemory ? memory.Usage + used : used) : 0;
        WriteEntry(writer, "swap", memory?.Details.GetValueOrDefault("hierarchical_memsw_limit") ?? 0, swap, 0, 0);
        WriteShare(writer, "kernel", memory?.Kernel);
        WriteShare(writer, "kernelTCP", memory?.KernelTcp);
        writer.WriteStartObject("raw");
        foreach (var (name, value) in (memory?.Details ?? new Dictionary<string, ulong>()).OrderBy(one => one.Key, StringComparer.Ordinal))
            writer.WriteNumber(name, value);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteShare(Utf8JsonWriter writer, string name, MemoryShare? share) =>
        WriteEntry(writer, name, share is null ? 0 : share.Limit ?? NoLimit, share?.Usage ?? 0, share?.MaxUsage ?? 0, share?.FailCount ?? 0);

    private static void WriteEntry(Utf8JsonWriter writer, string name, ulong limit, ulong usage, ulong max, ulong failures)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("limit", limit);
        WriteUnlessZero(writer, "usage", usage);
        WriteUnlessZero(writer, "max", max);
        writer.WriteNumber("failcnt", failures);
        writer.WriteEndObject();
    }

    private static void WriteHugePages(Utf8JsonWriter writer, HugePageStatistics size)
    {
        writer.WriteStartObject(size.PageSize);
        WriteUnlessZero(writer, "usage", size.Usage);
        WriteUnlessZero(writer, "max", size.MaxUsage ?? 0);
        writer.WriteNumber("failcnt", size.FailCount);
        writer.WriteEndObject();
    }

    /// <summary>runc's counters (libcontainer's RdmaStats); left out where there are no such devices.</summary>
    private static void WriteRdma(Utf8JsonWriter writer, IReadOnlyList<RdmaStatistics> devices)
    {
        if (devices.Count == 0)
            return;
        writer.WriteStartObject("rdma");
        WriteEntries("RdmaCurrent", one => (one.Handles, one.Objects));
        WriteEntries("RdmaLimit", one => (one.HandleLimit ?? uint.MaxValue, one.ObjectLimit ?? uint.MaxValue));
        writer.WriteEndObject();

        void WriteEntries(string name, Func<RdmaStatistics, (ulong Handles, ulong Objects)> values)
        {
            writer.WriteStartArray(name);
            foreach (var device in devices)
            {
                var (handles, objects) = values(device);
                writer.WriteStartObject();
                writer.WriteString("device", device.Device);
                writer.WriteNumber("hca_handles", handles);
                writer.WriteNumber("hca_objects", objects);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
    }

    private static void WriteBlockIo(Utf8JsonWriter writer, IReadOnlyList<BlockIoStatistics> devices)
    {
        writer.WriteStartObject("blkio");
        if (devices.Count > 0)
        {
            WriteOperations(writer, "ioServiceBytesRecursive", devices, one => (one.ReadBytes, one.WrittenBytes));
            WriteOperations(writer, "ioServicedRecursive", devices, one => (one.Reads, one.Writes));
        }
        writer.WriteEndObject();
    }

    private static void WriteOperations(Utf8JsonWriter writer, string name, IReadOnlyList<BlockIoStatistics> devices, Func<BlockIoStatistics, (ulong Read, ulong Write)> values)
    {
        writer.WriteStartArray(name);
        foreach (var device in devices)
        {
            var (read, write) = values(device);
            WriteOperation(writer, device, "Read", read);
            WriteOperation(writer, device, "Write", write);
        }
        writer.WriteEndArray();
    }

    private static void WriteOperation(Utf8JsonWriter writer, BlockIoStatistics device, string op, ulong value)
    {
        writer.WriteStartObject();
        WriteUnlessZero(writer, "major", device.Device.Major);
        WriteUnlessZero(writer, "minor", device.Device.Minor);
        writer.WriteString("op", op);
        WriteUnlessZero(writer, "value", value);
        writer.WriteEndObject();
    }

    private static void WriteUnlessZero(Utf8JsonWriter writer, string name, ulong value)
    {
        if (value != 0)
            writer.WriteNumber(name, value);
    }

    private static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            write(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
