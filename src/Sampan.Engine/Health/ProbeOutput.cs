using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sampan.Engine.Health;

/// <summary>What a probe prints: read to its end, so that the probe never waits for us, and kept to a limit.</summary>
internal static class ProbeOutput
{
    /// <summary>Docker's limit, in bytes.</summary>
    public const int MaxBytes = 4096;

    private const int HeadBytes = 8;

    /// <summary>Reads frames (1 byte stream, 3 empty, 4 length, content) until the end.</summary>
    public static async Task<string> ReadAsync(Stream frames, CancellationToken ct)
    {
        var kept = new ArrayBufferWriter<byte>(MaxBytes);
        var cut = false;
        var buffer = new byte[HeadBytes + MaxBytes];
        try
        {
            while (await frames.ReadAtLeastAsync(buffer.AsMemory(0, HeadBytes), HeadBytes, throwOnEndOfStream: false, ct) == HeadBytes)
            {
                var left = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(4));
                while (left > 0)
                {
                    var read = await frames.ReadAsync(buffer.AsMemory(HeadBytes, (int)Math.Min(left, MaxBytes)), ct);
                    if (read == 0)
                        return Text(kept.WrittenSpan, cut);
                    left -= (uint)read;
                    var room = Math.Min(read, MaxBytes - kept.WrittenCount);
                    kept.Write(buffer.AsSpan(HeadBytes, room));
                    cut |= room < read;
                }
            }
        }
        catch (IOException)
        {
            // The supervisor is gone: that is the end of output.
        }

        return Text(kept.WrittenSpan, cut);
    }

    private static string Text(ReadOnlySpan<byte> bytes, bool cut) => Encoding.UTF8.GetString(bytes) + (cut ? "..." : "");
}
