using System.Buffers.Binary;
using System.Text;

namespace Sampan.Network.Dns;

/// <summary>
/// A question as it comes from a container: header, one question, and what EDNS says. See
/// <see href="https://www.rfc-editor.org/rfc/rfc1035#section-4">RFC 1035, 4</see> and <see href="https://www.rfc-editor.org/rfc/rfc6891#section-6">RFC 6891, 6</see>.
/// </summary>
internal sealed record DnsQuery
{
    internal const int HeaderBytes = 12;
    private const int LongestName = 255;
    private const int LongestLabel = 63;
    private const int Opt = 41;

    /// <summary>The number that the answer repeats.</summary>
    internal required ushort Id { get; init; }

    /// <summary>The header's second word.</summary>
    internal required ushort Flags { get; init; }

    /// <summary>The name in lower case, without the last dot; the root is empty. A dot inside of a label is U+FFFF: such a name is nobody's here.</summary>
    internal required string Name { get; init; }

    /// <summary>The type of record that is asked for.</summary>
    internal required ushort Type { get; init; }

    /// <summary>The class, 1 for the Internet.</summary>
    internal required ushort Class { get; init; }

    /// <summary>Where the question ends in the message.</summary>
    internal required int QuestionEnd { get; init; }

    /// <summary>The largest datagram its sender takes, at least 512.</summary>
    internal int DatagramBytes { get; init; } = 512;

    /// <summary>It speaks EDNS.</summary>
    internal bool HasEdns { get; init; }

    /// <summary>Reads a message; false: it is no query with exactly one question.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> message, out DnsQuery query)
    {
        query = s_none;
        if (message.Length < HeaderBytes)
            return false;
        var flags = Word(message, 2);
        const ushort answerOrOtherAct = 0xF800;
        if ((flags & answerOrOtherAct) != 0 || Word(message, 4) != 1)
            return false;
        var position = HeaderBytes;
        if (!TryReadName(message, ref position, out var name) || position + 4 > message.Length)
            return false;
        var read = new DnsQuery
        {
            Id = Word(message, 0),
            Flags = flags,
            Name = name,
            Type = Word(message, position),
            Class = Word(message, position + 2),
            QuestionEnd = position + 4,
        };
        position += 4;
        var records = Word(message, 6) + Word(message, 8) + Word(message, 10);
        for (var i = 0; i < records; i++)
        {
            if (!DnsRecord.TryRead(message, ref position, out var record))
                return false;
            if (record.Type == Opt)
                read = read with { HasEdns = true, DatagramBytes = Math.Max(512, (int)record.Class) };
        }

        query = read;
        return true;
    }

    private static readonly DnsQuery s_none = new() { Id = 0, Flags = 0, Name = "", Type = 0, Class = 0, QuestionEnd = 0 };

    // A question is the first name of a message: there is nothing yet that a compression pointer could mean.
    private static bool TryReadName(ReadOnlySpan<byte> message, ref int position, out string name)
    {
        var text = new StringBuilder();
        var start = position;
        name = "";
        while (position < message.Length)
        {
            int length = message[position++];
            if (length == 0)
            {
                name = text.ToString();
                return true;
            }

            if (length > LongestLabel || position + length > message.Length || position + length - start >= LongestName)
                return false;
            if (text.Length > 0)
                text.Append('.');
            foreach (var letter in message.Slice(position, length))
                text.Append(letter == '.' ? '\uFFFF' : char.ToLowerInvariant((char)letter));
            position += length;
        }

        return false;
    }

    private static ushort Word(ReadOnlySpan<byte> message, int offset) => BinaryPrimitives.ReadUInt16BigEndian(message[offset..]);
}
