using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Sampan.Network.Dns;

/// <summary>Writes answers.</summary>
internal static class DnsAnswer
{
    internal const ushort A = 1;
    internal const ushort Ptr = 12;
    internal const ushort Aaaa = 28;
    internal const int NoError = 0;
    internal const int ServerFailure = 2;

    /// <summary>How long others may remember a container's address, seconds; Docker's value.</summary>
    private const uint TimeToLive = 600;
    private const ushort Response = 0x8000;
    private const ushort Authoritative = 0x0400;
    private const ushort Truncated = 0x0200;
    private const ushort RecursionDesired = 0x0100;
    private const ushort RecursionAvailable = 0x0080;
    private const ushort DatagramBytes = 1232;
    private const int OptBytes = 11;

    /// <summary>An answer without records.</summary>
    internal static byte[] Empty(DnsQuery query, ReadOnlySpan<byte> message, int code) => Write(query, message, code, [], int.MaxValue);

    /// <summary>An answer with addresses of the version that was asked for; with as many as fit, and the rest by TCP.</summary>
    internal static byte[] Addresses(DnsQuery query, ReadOnlySpan<byte> message, IReadOnlyList<IPAddress> addresses, int maxBytes) =>
        Write(query, message, NoError, [.. addresses.Select(a => a.GetAddressBytes())], maxBytes);

    /// <summary>An answer with a name.</summary>
    internal static byte[] Name(DnsQuery query, ReadOnlySpan<byte> message, string name) =>
        Write(query, message, NoError, [Encode(name)], int.MaxValue);

    /// <summary>What is left of an answer that is too long for a datagram: its sender asks again by TCP.</summary>
    internal static byte[] CutOff(DnsQuery query, ReadOnlySpan<byte> message)
    {
        var answer = Empty(query, message, NoError);
        answer[2] |= Truncated >> 8;
        return answer;
    }

    private static byte[] Write(DnsQuery query, ReadOnlySpan<byte> message, int code, IReadOnlyList<byte[]> data, int maxBytes)
    {
        const int fixedBytes = 12; // a pointer to the question's name, and the fixed fields
        var room = maxBytes - query.QuestionEnd - (query.HasEdns ? OptBytes : 0);
        var count = 0;
        var used = 0;
        while (count < data.Count && used + fixedBytes + data[count].Length <= room)
            used += fixedBytes + data[count++].Length;
        var answer = new byte[query.QuestionEnd + used + (query.HasEdns ? OptBytes : 0)];
        var flags = Response | Authoritative | RecursionAvailable | (query.Flags & RecursionDesired) | (count < data.Count ? Truncated : 0) | code;
        message[..query.QuestionEnd].CopyTo(answer);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(2), (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(6), (ushort)count);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(8), 0);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(10), (ushort)(query.HasEdns ? 1 : 0));
        var rest = answer.AsSpan(query.QuestionEnd);
        foreach (var bytes in data.Take(count))
        {
            const ushort pointerToQuestion = 0xC000 | DnsQuery.HeaderBytes;
            BinaryPrimitives.WriteUInt16BigEndian(rest, pointerToQuestion);
            BinaryPrimitives.WriteUInt16BigEndian(rest[2..], query.Type);
            BinaryPrimitives.WriteUInt16BigEndian(rest[4..], query.Class);
            BinaryPrimitives.WriteUInt32BigEndian(rest[6..], TimeToLive);
            BinaryPrimitives.WriteUInt16BigEndian(rest[10..], (ushort)bytes.Length);
            bytes.CopyTo(rest[fixedBytes..]);
            rest = rest[(fixedBytes + bytes.Length)..];
        }

        if (query.HasEdns)
        {
            rest[2] = 41; // the root's name, then OPT
            BinaryPrimitives.WriteUInt16BigEndian(rest[3..], DatagramBytes);
        }

        return answer;
    }

    private static byte[] Encode(string name)
    {
        List<byte> bytes = [];
        foreach (var label in name.Split('.').Where(l => l.Length is > 0 and < 64))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        bytes.Add(0);
        return [.. bytes];
    }
}
