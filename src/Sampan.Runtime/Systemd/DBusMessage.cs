using System.Buffers.Binary;

namespace Sampan.Runtime.Systemd;

/// <summary>
/// A message: a header of fixed fields, an array of others, and a body. See
/// <see href="https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol-messages">the specification</see>.
/// </summary>
internal sealed record DBusMessage
{
    /// <summary>What the fixed part of a header takes, with the length of the array after it.</summary>
    internal const int FixedLength = 16;

    /// <summary>The largest message that is read; the specification allows 128 MiB, systemd's answers have some hundred bytes.</summary>
    internal const int MaxBytes = 1 << 20;

    private const byte LittleEndian = (byte)'l';
    private const byte Version = 1;

    internal required DBusKind Kind { get; init; }

    internal required uint Serial { get; init; }

    /// <summary>Serial of the call that this answers; 0 for none.</summary>
    internal uint ReplySerial { get; init; }

    internal string Path { get; init; } = "";

    internal string Interface { get; init; } = "";

    /// <summary>Name of the method or signal.</summary>
    internal string Member { get; init; } = "";

    internal string ErrorName { get; init; } = "";

    internal string Destination { get; init; } = "";

    /// <summary>Types of the body.</summary>
    internal string Signature { get; init; } = "";

    internal ReadOnlyMemory<byte> Body { get; init; }

    internal byte[] Encode()
    {
        var writer = new DBusWriter();
        writer.Byte(LittleEndian);
        writer.Byte((byte)Kind);
        writer.Byte(0);
        writer.Byte(Version);
        writer.Number32((uint)Body.Length);
        writer.Number32(Serial);
        writer.Array(8, () =>
        {
            Field(writer, 1, "o", Path);
            Field(writer, 2, "s", Interface);
            Field(writer, 3, "s", Member);
            Field(writer, 4, "s", ErrorName);
            if (ReplySerial != 0)
            {
                writer.Align(8);
                writer.Byte(5);
                writer.Signature("u");
                writer.Number32(ReplySerial);
            }
            Field(writer, 6, "s", Destination);
            Field(writer, 8, "g", Signature);
        });
        writer.Align(8);
        return [.. writer.Written, .. Body.Span];
    }

    /// <summary>The length of a message, by its first <see cref="FixedLength"/> bytes; null if they begin none, or one that is too long.</summary>
    internal static int? LengthOf(ReadOnlySpan<byte> start)
    {
        if (start.Length < FixedLength || start[0] != LittleEndian || start[3] != Version)
            return null;
        var body = BinaryPrimitives.ReadUInt32LittleEndian(start[4..]);
        var fields = BinaryPrimitives.ReadUInt32LittleEndian(start[12..]);
        var length = FixedLength + ((ulong)fields + 7) / 8 * 8 + body;
        return length <= MaxBytes ? (int)length : null;
    }

    /// <summary>Reads a whole message; null if it is none.</summary>
    internal static DBusMessage? Decode(ReadOnlyMemory<byte> bytes)
    {
        if (LengthOf(bytes.Span) != bytes.Length)
            return null;
        var fields = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[12..]);
        var start = FixedLength + (fields + 7) / 8 * 8;
        var message = new DBusMessage
        {
            Kind = (DBusKind)bytes.Span[1],
            Serial = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[8..]),
            Body = bytes[start..],
        };
        // The array starts at a multiple of eight: it can be read by itself.
        var reader = new DBusReader(bytes.Span.Slice(FixedLength, fields));
        while (!reader.IsAtEnd)
        {
            if (!reader.TryAlign(8) || !reader.TryByte(out var code) || !reader.TrySignature(out var type) || ReadField(message, code, type, ref reader) is not { } read)
                return null;
            message = read;
        }
        return message;
    }

    private static DBusMessage? ReadField(DBusMessage message, byte code, string type, ref DBusReader reader)
    {
        var text = "";
        var number = 0u;
        var there = type switch
        {
            "s" or "o" => reader.TryText(out text),
            "g" => reader.TrySignature(out text),
            "u" => reader.TryNumber32(out number),
            _ => false, // no header field has another type
        };
        if (!there)
            return null;
        return code switch
        {
            1 => message with { Path = text },
            2 => message with { Interface = text },
            3 => message with { Member = text },
            4 => message with { ErrorName = text },
            5 => message with { ReplySerial = number },
            6 => message with { Destination = text },
            8 => message with { Signature = text },
            _ => message, // "unknown header fields must be ignored"
        };
    }

    private static void Field(DBusWriter writer, byte code, string type, string value)
    {
        if (value.Length == 0)
            return;
        writer.Align(8);
        writer.Byte(code);
        writer.Signature(type);
        if (type == "g")
            writer.Signature(value);
        else
            writer.Text(value);
    }
}
