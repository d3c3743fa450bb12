using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>GELF 1.1 messages, and the chunks of those that one datagram cannot hold. Pure.</summary>
internal static class GelfMessage
{
    /// <summary>Bytes in one datagram, head included.</summary>
    public const int ChunkBytes = 1420;

    /// <summary>The receiver's limit.</summary>
    public const int MaxChunks = 128;

    private const int ChunkHead = 12;
    private const int Error = 3;
    private const int Informational = 6;

    /// <summary>One entry as JSON.</summary>
    public static byte[] Write(LogEntry entry, LogOrigin origin)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.1");
            json.WriteString("host", origin.Hostname);
            json.WriteString("short_message", Encoding.UTF8.GetString(entry.Text.Span).TrimEnd('\n'));
            json.WriteNumber("timestamp", entry.Time.ToUnixTimeMilliseconds() / 1000m);
            json.WriteNumber("level", entry.Stream == LogStream.Stderr ? Error : Informational);
            json.WriteString("_command", origin.Command);
            json.WriteString("_container_id", origin.Id);
            json.WriteString("_container_name", origin.Name);
            json.WriteString("_created", origin.Created.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteString("_image_id", origin.ImageId);
            json.WriteString("_image_name", origin.ImageName);
            json.WriteString("_tag", origin.Tag);
            foreach (var (name, value) in origin.Attributes)
                json.WriteString("_" + name, value);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Packs a message for a datagram.</summary>
    /// <param name="message">JSON.</param>
    /// <param name="kind"><c>gzip</c>, <c>zlib</c> or <c>none</c>.</param>
    /// <param name="level">How hard.</param>
    public static byte[] Compress(byte[] message, string kind, CompressionLevel level)
    {
        if (kind == "none")
            return message;
        using var packed = new MemoryStream();
        using (Stream packer = kind == "zlib" ? new ZLibStream(packed, level, leaveOpen: true) : new GZipStream(packed, level, leaveOpen: true))
            packer.Write(message);
        return packed.ToArray();
    }

    /// <summary>
    /// The datagrams of a message: itself, or chunks <c>1e 0f, 8 bytes id, number, count, content</c>; empty: it is too large for any number of them.
    /// </summary>
    public static IReadOnlyList<byte[]> Chunk(byte[] message, long id)
    {
        if (message.Length <= ChunkBytes)
            return [message];
        const int Room = ChunkBytes - ChunkHead;
        var count = (message.Length + Room - 1) / Room;
        if (count > MaxChunks)
            return [];
        var chunks = new List<byte[]>(count);
        for (var number = 0; number < count; number++)
        {
            var part = message.AsSpan(number * Room, Math.Min(Room, message.Length - (number * Room)));
            var chunk = new byte[ChunkHead + part.Length];
            chunk[0] = 0x1e;
            chunk[1] = 0x0f;
            BitConverter.TryWriteBytes(chunk.AsSpan(2), id);
            chunk[10] = (byte)number;
            chunk[11] = (byte)count;
            part.CopyTo(chunk.AsSpan(ChunkHead));
            chunks.Add(chunk);
        }

        return chunks;
    }
}
