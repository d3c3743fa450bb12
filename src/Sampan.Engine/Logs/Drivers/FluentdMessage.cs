using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>
/// Fluentd's forward protocol, message mode, as MessagePack: <c>[tag, time, record]</c>, or <c>[tag, time, record, {"chunk": id}]</c> when an answer
/// <c>{"ack": id}</c> is wanted. See <see href="https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1">the specification</see>. Pure.
/// </summary>
internal static class FluentdMessage
{
    private const int NanosecondsPerTick = 100;

    /// <summary>One entry.</summary>
    /// <param name="entry">What was written.</param>
    /// <param name="origin">By whom.</param>
    /// <param name="precise">The time with nanoseconds (extension type 0), not in seconds.</param>
    /// <param name="chunk">The id that the answer repeats; null: no answer is wanted.</param>
    public static byte[] Write(LogEntry entry, LogOrigin origin, bool precise, string? chunk)
    {
        var to = new ArrayBufferWriter<byte>();
        Head(to, 0x90, chunk is null ? 3 : 4);
        Text(to, Encoding.UTF8.GetBytes(origin.Tag));
        Time(to, entry.Time, precise);

        var record = new List<(string Name, ReadOnlyMemory<byte> Value)>
        {
            ("container_id", Encoding.UTF8.GetBytes(origin.Id)),
            ("container_name", Encoding.UTF8.GetBytes("/" + origin.Name)),
            ("source", entry.Stream == LogStream.Stderr ? "stderr"u8.ToArray() : "stdout"u8.ToArray()),
            ("log", entry.Text.Span is [.., (byte)'\n'] ? entry.Text[..^1] : entry.Text),
        };
        record.AddRange(origin.Attributes.Select(a => (a.Key, (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(a.Value))));
        if (record.Count < 16)
        {
            Head(to, 0x80, record.Count);
        }
        else
        {
            Head(to, 0xde, 0);
            Big(to, (ushort)record.Count);
        }

        foreach (var (name, value) in record)
        {
            Text(to, Encoding.UTF8.GetBytes(name));
            Text(to, value.Span);
        }

        if (chunk is not null)
        {
            Head(to, 0x80, 1);
            Text(to, "chunk"u8);
            Text(to, Encoding.UTF8.GetBytes(chunk));
        }

        return to.WrittenSpan.ToArray();
    }

    /// <summary>The id in an answer <c>{"ack": id}</c>; null: it is no such answer.</summary>
    public static string? Acknowledged(ReadOnlySpan<byte> answer)
    {
        ReadOnlySpan<byte> begin = [0x81, 0xa3, (byte)'a', (byte)'c', (byte)'k'];
        if (!answer.StartsWith(begin))
            return null;
        var rest = answer[begin.Length..];
        return rest switch
        {
            [>= 0xa0 and <= 0xbf, ..] when rest.Length > (rest[0] & 0x1f) => Encoding.UTF8.GetString(rest.Slice(1, rest[0] & 0x1f)),
            [0xd9, _, ..] when rest.Length > 1 + rest[1] => Encoding.UTF8.GetString(rest.Slice(2, rest[1])),
            _ => null,
        };
    }

    private static void Time(ArrayBufferWriter<byte> to, DateTimeOffset time, bool precise)
    {
        var seconds = (uint)time.ToUnixTimeSeconds();
        if (!precise)
        {
            Head(to, 0xce, 0);
            Big(to, seconds);
            return;
        }

        to.Write((ReadOnlySpan<byte>)[0xd7, 0x00]);
        Big(to, seconds);
        Big(to, (uint)(time.UtcTicks % TimeSpan.TicksPerSecond * NanosecondsPerTick));
    }

    private static void Text(ArrayBufferWriter<byte> to, ReadOnlySpan<byte> text)
    {
        if (text.Length < 32)
        {
            Head(to, 0xa0, text.Length);
        }
        else if (text.Length <= byte.MaxValue)
        {
            to.Write((ReadOnlySpan<byte>)[0xd9, (byte)text.Length]);
        }
        else if (text.Length <= ushort.MaxValue)
        {
            Head(to, 0xda, 0);
            Big(to, (ushort)text.Length);
        }
        else
        {
            Head(to, 0xdb, 0);
            Big(to, (uint)text.Length);
        }

        to.Write(text);
    }

    private static void Head(ArrayBufferWriter<byte> to, int kind, int count) => to.Write((ReadOnlySpan<byte>)[(byte)(kind | count)]);

    private static void Big(ArrayBufferWriter<byte> to, ushort number)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to.GetSpan(sizeof(ushort)), number);
        to.Advance(sizeof(ushort));
    }

    private static void Big(ArrayBufferWriter<byte> to, uint number)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to.GetSpan(sizeof(uint)), number);
        to.Advance(sizeof(uint));
    }
}
