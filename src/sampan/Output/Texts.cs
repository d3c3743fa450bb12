using System.Globalization;
using System.Text;

namespace Sampan.Cli.Output;

/// <summary>Small forms that tables share.</summary>
internal static class Texts
{
    /// <summary>The first twelve digits of an id, without its algorithm.</summary>
    public static string ShortId(string id)
    {
        int colon = id.IndexOf(':');
        string bare = colon >= 0 ? id[(colon + 1)..] : id;
        return bare.Length > 12 ? bare[..12] : bare;
    }

    /// <summary>Cut to a width on the screen, with an ellipsis for what is missing.</summary>
    public static string Cut(string text, int width)
    {
        int taken = 0, end = 0;
        for (int i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out int length);
            taken += IsWide(rune.Value) ? 2 : 1;
            if (taken > width) return text[..end] + "…";
            i += length;
            if (taken <= width - 1) end = i;
        }
        return text;
    }

    // East Asian Wide and Fullwidth (UAX 11), which terminals show in two columns; in ranges, and with what is not assigned between them.
    private static bool IsWide(int c) => c >= 0x1100 && (c is <= 0x115F or (>= 0x2E80 and <= 0x303E) or (>= 0x3041 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3)
        or (>= 0xF900 and <= 0xFAFF) or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6)
        or (>= 0x1F300 and <= 0x1F64F) or (>= 0x1F680 and <= 0x1F6FF) or (>= 0x1F900 and <= 0x1F9FF) or (>= 0x20000 and <= 0x3FFFD));

    /// <summary>Without control characters: what others wrote cannot move the cursor, and hide what is shown beside it.</summary>
    public static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    /// <summary>Between quotes, with Go's escapes: what a container's command says does not move the cursor.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes()) Escape(quoted, rune);
        return quoted.Append('"').ToString();
    }

    private static void Escape(StringBuilder quoted, Rune rune)
    {
        switch (rune.Value)
        {
            case '"' or '\\':
                quoted.Append('\\').Append((char)rune.Value);
                break;
            case >= 7 and <= 13:
                quoted.Append('\\').Append("abtnvfr"[rune.Value - 7]);
                break;
            case < ' ' or 0x7F:
                quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
                break;
            case < 0x7F:
                quoted.Append((char)rune.Value);
                break;
            default:
                if (IsShown(rune)) quoted.Append(rune.ToString());
                else if (rune.IsBmp) quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
                else quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
                break;
        }
    }

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>a=b,c=d in order of the names.</summary>
    public static string Labels(IReadOnlyDictionary<string, string>? labels) =>
        string.Join(',', (labels ?? new Dictionary<string, string>(StringComparer.Ordinal)).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));
}
