namespace Sampan.Storage.Distribution;

/// <summary>
/// What a registry wants to see, from a <c>WWW-Authenticate</c> header
/// (<see href="https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1">RFC 9110, 11.6.1</see>):
/// <c>Bearer realm="https://auth.example/token",service="registry.example",scope="repository:app:pull"</c>.
/// </summary>
/// <param name="Scheme">In lower case: <c>bearer</c>, <c>basic</c>.</param>
/// <param name="Parameters">By name in lower case.</param>
internal sealed record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    private const int MaxLength = 8 * 1024;

    internal string? this[string name] => Parameters.GetValueOrDefault(name);

    /// <summary>Reads all challenges of all such headers; what is broken ends the reading of its header.</summary>
    internal static IReadOnlyList<AuthChallenge> Parse(IEnumerable<string> headers)
    {
        var challenges = new List<AuthChallenge>();
        foreach (var header in headers.Where(header => header.Length <= MaxLength))
            Parse(header, challenges);
        return challenges;
    }

    private static void Parse(ReadOnlySpan<char> text, List<AuthChallenge> challenges)
    {
        Dictionary<string, string>? parameters = null;
        while (true)
        {
            text = text.TrimStart(" \t,");
            var word = Token(ref text);
            if (word.Length == 0)
                return;
            text = text.TrimStart(" \t");
            if (parameters is not null && text.Length > 0 && text[0] == '=')
            {
                text = text[1..].TrimStart(" \t");
                if (!Value(ref text, out var value))
                    return;
                parameters[word.ToString().ToLowerInvariant()] = value;
                continue;
            }
            parameters = new Dictionary<string, string>(StringComparer.Ordinal);
            challenges.Add(new AuthChallenge(word.ToString().ToLowerInvariant(), parameters));
        }
    }

    private static ReadOnlySpan<char> Token(ref ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiLetterOrDigit(text[length]) || "!#$%&'*+-.^_`|~".Contains(text[length])))
            length++;
        var token = text[..length];
        text = text[length..];
        return token;
    }

    private static bool Value(ref ReadOnlySpan<char> text, out string value)
    {
        value = "";
        if (text.Length == 0 || text[0] != '"')
        {
            // Some write scopes without quotes, colons and all.
            var end = text.IndexOfAny(" \t,");
            value = (end < 0 ? text : text[..end]).ToString();
            text = end < 0 ? [] : text[end..];
            return value.Length > 0;
        }
        var builder = new System.Text.StringBuilder();
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                text = text[(i + 1)..];
                value = builder.ToString();
                return true;
            }
            if (text[i] == '\\' && i + 1 < text.Length)
                i++;
            builder.Append(text[i]);
        }
        return false;
    }
}
