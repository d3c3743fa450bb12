using System.Buffers;
using System.Text;

namespace Sampan.Runtime.Supervision;

/// <summary>Escapes output for a JSON string as moby's log does, byte for byte.</summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> s_special = SearchValues.Create(Special());

    private static byte[] Special()
    {
        var special = new List<byte>("\"\\<>&"u8.ToArray());
        for (var control = 0; control < 0x20; control++)
            special.Add((byte)control);
        for (var wide = 0x80; wide <= byte.MaxValue; wide++)
            special.Add((byte)wide);
        return [.. special];
    }

    /// <summary>Writes the text, at most six bytes for one; what is no UTF-8 becomes U+FFFD.</summary>
    /// <returns>Bytes written.</returns>
    internal static int Escape(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var at = 0;
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAny(s_special);
            if (plain < 0)
                plain = text.Length;
            text[..plain].CopyTo(target[at..]);
            at += plain;
            text = text[plain..];
            if (text.IsEmpty)
                break;
            var taken = 1;
            at += text[0] < 0x80 ? EscapeAscii(text[0], target[at..]) : EscapeRune(text, target[at..], out taken);
            text = text[taken..];
        }
        return at;
    }

    private static int EscapeAscii(byte value, Span<byte> target)
    {
        var letter = value switch { (byte)'"' => (byte)'"', (byte)'\\' => (byte)'\\', (byte)'\n' => (byte)'n', (byte)'\r' => (byte)'r', (byte)'\t' => (byte)'t', _ => (byte)0 };
        if (letter != 0)
        {
            target[0] = (byte)'\\';
            target[1] = letter;
            return 2;
        }
        "\\u00"u8.CopyTo(target);
        target[4] = Hex(value >> 4);
        target[5] = Hex(value & 0xf);
        return 6;
    }

    private static int EscapeRune(ReadOnlySpan<byte> text, Span<byte> target, out int taken)
    {
        if (Rune.DecodeFromUtf8(text, out var rune, out taken) != OperationStatus.Done)
        {
            taken = 1;
            "\\ufffd"u8.CopyTo(target);
            return 6;
        }
        // Line separators are fine in JSON and break JavaScript.
        if (rune.Value is 0x2028 or 0x2029)
        {
            "\\u202"u8.CopyTo(target);
            target[5] = (byte)(rune.Value == 0x2028 ? '8' : '9');
            return 6;
        }
        text[..taken].CopyTo(target);
        return taken;
    }

    private static byte Hex(int digit) => (byte)"0123456789abcdef"[digit];
}
