using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Supervision;

/// <summary>The payloads that are not JSON, written and read in one place. Reading a short one gives false, never more than is there.</summary>
internal static class ControlPayload
{
    internal static byte[] Hello(int supervisor, int init, bool started)
    {
        var payload = new byte[9];
        BinaryPrimitives.WriteInt32LittleEndian(payload, supervisor);
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), init);
        payload[8] = started ? (byte)1 : (byte)0;
        return payload;
    }

    internal static bool TryReadHello(ReadOnlySpan<byte> payload, out (int Supervisor, int Init, bool Started) hello)
    {
        hello = default;
        if (payload.Length != 9)
            return false;
        hello = (BinaryPrimitives.ReadInt32LittleEndian(payload), BinaryPrimitives.ReadInt32LittleEndian(payload[4..]), payload[8] != 0);
        return true;
    }

    internal static byte[] Signal(int signal, bool all) => [(byte)signal, all ? (byte)1 : (byte)0];

    internal static bool TryReadSignal(ReadOnlySpan<byte> payload, out int signal, out bool all)
    {
        const int Last = 64;
        (signal, all) = payload.Length == 2 ? (payload[0], payload[1] != 0) : (-1, false);
        return signal is >= 0 and <= Last;
    }

    internal static byte[] Resize(ushort rows, ushort columns, string execId)
    {
        var payload = new byte[4 + Encoding.UTF8.GetByteCount(execId)];
        BinaryPrimitives.WriteUInt16LittleEndian(payload, rows);
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(2), columns);
        Encoding.UTF8.GetBytes(execId, payload.AsSpan(4));
        return payload;
    }

    internal static bool TryReadResize(ReadOnlySpan<byte> payload, out ushort rows, out ushort columns, out string execId)
    {
        (rows, columns, execId) = (0, 0, "");
        if (payload.Length < 4)
            return false;
        rows = BinaryPrimitives.ReadUInt16LittleEndian(payload);
        columns = BinaryPrimitives.ReadUInt16LittleEndian(payload[2..]);
        execId = Encoding.UTF8.GetString(payload[4..]);
        return true;
    }

    internal static byte[] Number(long number)
    {
        var payload = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(payload, number);
        return payload;
    }

    internal static bool TryReadNumber(ReadOnlySpan<byte> payload, out long number)
    {
        number = payload.Length == 8 ? BinaryPrimitives.ReadInt64LittleEndian(payload) : 0;
        return payload.Length == 8;
    }

    internal static byte[] Numbers(IReadOnlyList<int> numbers)
    {
        var payload = new byte[sizeof(int) * numbers.Count];
        for (var i = 0; i < numbers.Count; i++)
            BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(sizeof(int) * i), numbers[i]);
        return payload;
    }

    internal static int[] ReadNumbers(ReadOnlySpan<byte> payload)
    {
        var numbers = new int[payload.Length / sizeof(int)];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(payload[(sizeof(int) * i)..]);
        return numbers;
    }

    /// <summary>Streams, length of the id, id, the process as JSON.</summary>
    internal static byte[] Exec(StreamChoice streams, string execId, OciProcess process)
    {
        var id = Encoding.UTF8.GetBytes(execId);
        var json = JsonSerializer.SerializeToUtf8Bytes(process, OciRuntimeJson.Default.OciProcess);
        var payload = new byte[3 + id.Length + json.Length];
        payload[0] = (byte)streams;
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(1), (ushort)id.Length);
        id.CopyTo(payload, 3);
        json.CopyTo(payload, 3 + id.Length);
        return payload;
    }

    internal static bool TryReadExec(ReadOnlySpan<byte> payload, out StreamChoice streams, out string execId, out ReadOnlySpan<byte> process)
    {
        streams = StreamChoice.None;
        execId = "";
        process = default;
        if (payload.Length < 3 || BinaryPrimitives.ReadUInt16LittleEndian(payload[1..]) is var length && length > payload.Length - 3)
            return false;
        streams = (StreamChoice)payload[0];
        execId = Encoding.UTF8.GetString(payload.Slice(3, length));
        process = payload[(3 + length)..];
        return true;
    }

    internal static byte[] ExecExited(string execId, int exitCode, int? signal)
    {
        var payload = new byte[8 + Encoding.UTF8.GetByteCount(execId)];
        BinaryPrimitives.WriteInt32LittleEndian(payload, exitCode);
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), signal ?? 0);
        Encoding.UTF8.GetBytes(execId, payload.AsSpan(8));
        return payload;
    }

    internal static bool TryReadExecExited(ReadOnlySpan<byte> payload, out string execId, out int exitCode, out int? signal)
    {
        (execId, exitCode, signal) = ("", 0, null);
        if (payload.Length < 8)
            return false;
        exitCode = BinaryPrimitives.ReadInt32LittleEndian(payload);
        signal = BinaryPrimitives.ReadInt32LittleEndian(payload[4..]) is > 0 and var number ? number : null;
        execId = Encoding.UTF8.GetString(payload[8..]);
        return true;
    }
}
