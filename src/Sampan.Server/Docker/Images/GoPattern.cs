namespace Sampan.Server.Docker.Images;

/// <summary>
/// Patterns of shells as Go's <see href="https://pkg.go.dev/path#Match">path.Match</see> reads them: <c>*</c> and <c>?</c> stop at slashes,
/// <c>[a-z]</c> and <c>[^a-z]</c> are one character, <c>\</c> takes the next one as it is. The whole name has to fit.
/// </summary>
internal static class GoPattern
{
    private const int Bad = -1;

    /// <summary>False if a class or an escape does not end.</summary>
    internal static bool IsValid(string pattern)
    {
        for (var at = 0; at < pattern.Length;)
        {
            if (pattern[at] == '*')
                at++;
            else if (Step(pattern, at, 'a', out _) is var next && next != Bad)
                at = next;
            else
                return false;
        }

        return true;
    }

    /// <summary>Whether a name fits a pattern that <see cref="IsValid"/> accepts.</summary>
    internal static bool Matches(string pattern, string name)
    {
        // Where the last star stands, and up to where it reaches: earlier ones need not be tried again.
        var (star, reach) = (-1, 0);
        var (p, n) = (0, 0);
        while (n < name.Length || p < pattern.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, reach) = (p++, n);
                continue;
            }

            if (p < pattern.Length && n < name.Length && Step(pattern, p, name[n], out var fits) is var next && next != Bad && fits)
            {
                (p, n) = (next, n + 1);
                continue;
            }

            if (star < 0 || reach >= name.Length || name[reach] == '/')
                return false;
            (p, n) = (star + 1, ++reach);
        }

        return true;
    }

    // One character against one element of the pattern; the place behind that, or Bad.
    private static int Step(string pattern, int at, char c, out bool fits)
    {
        fits = false;
        switch (pattern[at])
        {
            case '?':
                fits = c != '/';
                return at + 1;
            case '\\':
                fits = at + 1 < pattern.Length && pattern[at + 1] == c;
                return at + 1 < pattern.Length ? at + 2 : Bad;
            case '[':
                return Class(pattern, at + 1, c, out fits);
            default:
                fits = pattern[at] == c;
                return at + 1;
        }
    }

    private static int Class(string pattern, int at, char c, out bool fits)
    {
        fits = false;
        var isNegated = at < pattern.Length && pattern[at] == '^';
        if (isNegated)
            at++;
        for (var ranges = 0; ; ranges++)
        {
            if (at < pattern.Length && pattern[at] == ']' && ranges > 0)
            {
                fits ^= isNegated;
                return at + 1;
            }

            if (!TryChar(pattern, ref at, out var low))
                return Bad;
            var high = low;
            if (at < pattern.Length && pattern[at] == '-')
            {
                at++;
                if (!TryChar(pattern, ref at, out high))
                    return Bad;
            }

            fits |= low <= c && c <= high;
        }
    }

    private static bool TryChar(string pattern, ref int at, out char c)
    {
        c = default;
        if (at >= pattern.Length || pattern[at] is '-' or ']')
            return false;
        if (pattern[at] == '\\' && ++at >= pattern.Length)
            return false;
        c = pattern[at++];
        return at < pattern.Length;
    }
}
