using System.Buffers.Binary;

namespace Sampan.Network.Dns;

/// <summary>The fixed part of a resource record; where its time to live stands.</summary>
internal readonly record struct DnsRecord(ushort Type, ushort Class, uint TimeToLive, int TimeToLiveOffset)
{
    private const int FixedBytes = 10;

    /// <summary>Reads a record and moves behind it; false: the message ends within.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> message, ref int position, out DnsRecord record)
    {
        record = default;
        if (!TrySkipName(message, ref position) || position + FixedBytes > message.Length)
            return false;
        var fields = message[position..];
        record = new DnsRecord(
            BinaryPrimitives.ReadUInt16BigEndian(fields),
            BinaryPrimitives.ReadUInt16BigEndian(fields[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(fields[4..]),
            position + 4);
        position += FixedBytes + BinaryPrimitives.ReadUInt16BigEndian(fields[8..]);
        return position <= message.Length;
    }

    /// <summary>Moves behind a question.</summary>
    internal static bool TrySkipQuestion(ReadOnlySpan<byte> message, ref int position)
    {
        const int typeAndClass = 4;
        if (!TrySkipName(message, ref position))
            return false;
        position += typeAndClass;
        return position <= message.Length;
    }

    // A compression pointer ends a name where it stands: it is never followed, so it cannot lead in circles.
    private static bool TrySkipName(ReadOnlySpan<byte> message, ref int position)
    {
        const int pointer = 0xC0;
        while (position < message.Length)
        {
            int length = message[position];
            if ((length & pointer) == pointer)
            {
                position += 2;
                return position <= message.Length;
            }

            if ((length & pointer) != 0)
                return false;
            position += length + 1;
            if (length == 0)
                return true;
        }

        return false;
    }
}
