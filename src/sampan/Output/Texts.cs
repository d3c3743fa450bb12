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

    /// <summary>Cut to a width, with an ellipsis for what is missing.</summary>
    public static string Cut(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "…";

    /// <summary>Without control characters: what others wrote cannot move the cursor, and hide what is shown beside it.</summary>
    public static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    /// <summary>Between quotes, with Go's escapes.</summary>
    public static string Quote(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal) + "\"";

    /// <summary>a=b,c=d in order of the names.</summary>
    public static string Labels(IReadOnlyDictionary<string, string>? labels) =>
        string.Join(',', (labels ?? new Dictionary<string, string>(StringComparer.Ordinal)).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));
}
