using System.Buffers.Binary;

namespace Sampan.Runtime.Supervision;

/// <summary>The 12 bytes before each message: length of the payload, number of the request, kind, three zeroes; little-endian.</summary>
/// <param name="Length">Bytes of the payload.</param>
/// <param name="Request">Number that the client chose; 0 for what comes unasked.</param>
/// <param name="Kind">What it is.</param>
internal readonly record struct ControlHeader(int Length, uint Request, ControlKind Kind)
{
    internal const int Size = 12;

    /// <summary>A longer payload ends the connection (CVE-2021-43784 began with a length that nobody checked).</summary>
    internal const int MaxPayload = 4 * 1024 * 1024;

    internal void Write(Span<byte> target)
    {
        target[..Size].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(target, Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Request);
        target[8] = (byte)Kind;
    }

    /// <summary>Reads a header; false if it is none.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> source, out ControlHeader header)
    {
        header = default;
        if (source.Length < Size || source[9] != 0 || source[10] != 0 || source[11] != 0)
            return false;
        header = new ControlHeader(BinaryPrimitives.ReadInt32LittleEndian(source), BinaryPrimitives.ReadUInt32LittleEndian(source[4..]), (ControlKind)source[8]);
        return header.Length is >= 0 and <= MaxPayload;
    }

    /// <summary>A whole message.</summary>
    internal static byte[] Message(ControlKind kind, uint request, ReadOnlySpan<byte> payload)
    {
        var message = new byte[Size + payload.Length];
        new ControlHeader(payload.Length, request, kind).Write(message);
        payload.CopyTo(message.AsSpan(Size));
        return message;
    }
}
