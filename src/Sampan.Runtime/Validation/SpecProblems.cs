using System.Globalization;
using System.Text;

namespace Sampan.Runtime.Validation;

/// <summary>What is wrong with a document, each with the path of its member: <c>linux.namespaces[2].type: "nett" is not one of …</c>.</summary>
internal sealed class SpecProblems
{
    /// <summary>A longer text than Linux takes as one argument of execve, its end included: MAX_ARG_STRLEN.</summary>
    internal const int TextMaxBytes = 128 * 1024 - 1;

    /// <summary>PATH_MAX without its end.</summary>
    internal const int PathMaxBytes = 4095;

    /// <summary>What one message shows of a value: the rest only helps to hide what is wrong.</summary>
    private const int QuoteMax = 64;

    private const int MaxBytesPerChar = 3;

    /// <summary>Problems told one by one; of more only their number.</summary>
    private const int ToldMax = 8;

    private readonly List<string> _told = [];
    private int _count;

    internal bool Any => _count > 0;

    /// <summary>The problems found first.</summary>
    internal IReadOnlyList<string> Told => _told;

    /// <summary>All in one line.</summary>
    internal string Line => string.Join("; ", _told) + (_count > _told.Count ? $"; and {_count - _told.Count} more" : "");

    internal void Add(string path, string what)
    {
        if (_count++ < ToldMax)
            _told.Add(Printable($"{path}: {what}"));
    }

    /// <summary>A line in which nothing of the document is obeyed by a terminal.</summary>
    private static string Printable(string line)
    {
        if (!line.AsSpan().ContainsAnyInRange('\0', '\u001f') && !line.AsSpan().ContainsAnyInRange('\u007f', '\u009f'))
            return line;
        var text = new StringBuilder(line.Length);
        foreach (var sign in line)
            _ = char.IsControl(sign) ? text.Append(CultureInfo.InvariantCulture, $"\\u{(int)sign:x4}") : text.Append(sign);
        return text.ToString();
    }

    /// <summary>A value as a message shows it: short, on one line, with nothing in it that a terminal would obey.</summary>
    internal static string Quote(string value, int max = QuoteMax)
    {
        var text = new StringBuilder("\"");
        foreach (var rune in value.EnumerateRunes())
        {
            if (text.Length > max)
                return text.Append("…\"").ToString();
            if (Rune.IsControl(rune) || rune.Value is '"' or '\\' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                text.Append(rune);
        }
        return text.Append('"').ToString();
    }

    /// <summary>Requires a text that a kernel call can take: no null character, not too long.</summary>
    internal bool Text(string path, string? value, int maxBytes = TextMaxBytes)
    {
        if (value is null)
            return Missing(path);
        if (value.Length > maxBytes / MaxBytesPerChar && Encoding.UTF8.GetByteCount(value) > maxBytes)
            Add(path, $"{Quote(value)} has {Encoding.UTF8.GetByteCount(value)} bytes, {maxBytes} are allowed");
        else if (value.Contains('\0'))
            Add(path, $"{Quote(value)} has a null character");
        else
            return true;
        return false;
    }

    /// <summary>Requires a path that is there.</summary>
    internal bool Path(string path, string? value)
    {
        if (!Text(path, value, PathMaxBytes))
            return false;
        return value is { Length: > 0 } || Missing(path);
    }

    /// <summary>Requires an absolute path.</summary>
    internal bool AbsolutePath(string path, string? value)
    {
        if (!Path(path, value))
            return false;
        if (value!.StartsWith('/'))
            return true;
        Add(path, $"{Quote(value)} is not absolute");
        return false;
    }

    /// <summary>Requires one of some words.</summary>
    internal bool Word(string path, string? value, IEnumerable<string> words)
    {
        if (value is null or "")
            return Missing(path);
        if (words.Contains(value, StringComparer.Ordinal))
            return true;
        Add(path, $"{Quote(value)} is not one of {string.Join(", ", words)}");
        return false;
    }

    /// <summary>Requires a number within limits.</summary>
    internal void Range(string path, long value, long least, long most)
    {
        if (value < least || value > most)
            Add(path, $"{value} is not within {least} and {most}");
    }

    /// <summary>Requires an id: the largest number means "leave as it is" to the kernel, which would leave a process or file with root.</summary>
    internal void Id(string path, uint? value)
    {
        if (value == uint.MaxValue)
            Add(path, $"{value} is not an id");
    }

    /// <summary>Looks at every entry of a list; null ones are problems.</summary>
    internal void Each<T>(string path, IReadOnlyList<T> list, Action<string, T> look)
    {
        for (var i = 0; i < list.Count; i++)
        {
            var entry = $"{path}[{i}]";
            if (list[i] is null)
                Missing(entry);
            else
                look(entry, list[i]);
        }
    }

    /// <summary>Looks at every entry of an object with free names; null ones are problems.</summary>
    internal void Each<T>(string path, IReadOnlyDictionary<string, T> entries, Action<string, string, T> look)
    {
        foreach (var (name, value) in entries)
        {
            var entry = $"{path}[{Quote(name)}]";
            if (value is null)
                Missing(entry);
            else
                look(entry, name, value);
        }
    }

    /// <summary>Looks at every text of a list.</summary>
    internal void Texts(string path, IReadOnlyList<string> list, int maxBytes = TextMaxBytes)
    {
        for (var i = 0; i < list.Count; i++)
        {
            // The path is made for problems only: a filter has hundreds of names.
            if (list[i] is not { } text || text.Length > maxBytes / MaxBytesPerChar || text.Contains('\0'))
                Text($"{path}[{i}]", list[i], maxBytes);
        }
    }

    private bool Missing(string path)
    {
        Add(path, "is missing");
        return false;
    }
}
