using System.Text;

namespace Sampan.Build.Parsing;

/// <summary>The shell's patterns <c>*</c> and <c>?</c> in variables' modifiers. All positions at once, so no pattern takes more than length times length.</summary>
internal static class Wildcard
{
    private const char Star = '\ufffe';
    private const char Any = '\uffff';

    /// <summary>Takes what the pattern matches off one end: the longest that matches, or the shortest.</summary>
    internal static string Trim(string value, string pattern, bool fromStart, bool longest, char escape)
    {
        var compiled = Compile(pattern, escape);
        if (!fromStart)
        {
            Array.Reverse(compiled);
            value = Reversed(value);
        }
        var found = Lengths(value, 0, compiled, longest);
        var rest = found < 0 ? value : value[found..];
        return fromStart ? rest : Reversed(rest);
    }

    /// <summary>Puts something in the place of the first match, or of all; each as long as possible.</summary>
    internal static string Replace(string value, string pattern, string replacement, bool all, char escape)
    {
        var compiled = Compile(pattern, escape);
        if (compiled.Length == 0)
            return value;
        var result = new StringBuilder();
        var at = 0;
        while (at < value.Length)
        {
            var length = Lengths(value, at, compiled, longest: true);
            if (length <= 0)
            {
                result.Append(value[at++]);
                continue;
            }
            result.Append(replacement);
            at += length;
            if (!all)
                break;
        }
        return result.Append(value, at, value.Length - at).ToString();
    }

    // The length of the longest or shortest match that begins at a place; -1: none.
    private static int Lengths(string value, int start, char[] pattern, bool longest)
    {
        var now = new bool[pattern.Length + 1];
        now[0] = true;
        Close(now, pattern);
        var found = now[^1] ? 0 : -1;
        if (found == 0 && !longest)
            return 0;
        for (var i = start; i < value.Length; i++)
        {
            var next = new bool[pattern.Length + 1];
            var alive = false;
            for (var p = 0; p < pattern.Length; p++)
            {
                if (!now[p])
                    continue;
                var target = pattern[p] == Star ? p : pattern[p] == Any || pattern[p] == value[i] ? p + 1 : -1;
                if (target < 0)
                    continue;
                next[target] = true;
                alive = true;
            }
            if (!alive)
                return found;
            Close(next, pattern);
            now = next;
            if (!now[^1])
                continue;
            found = i - start + 1;
            if (!longest)
                return found;
        }
        return found;
    }

    // A star may match nothing.
    private static void Close(bool[] states, char[] pattern)
    {
        for (var p = 0; p < pattern.Length; p++)
        {
            if (states[p] && pattern[p] == Star)
                states[p + 1] = true;
        }
    }

    private static char[] Compile(string pattern, char escape)
    {
        var compiled = new List<char>(pattern.Length);
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == escape && i + 1 < pattern.Length)
                compiled.Add(pattern[++i]);
            else
                compiled.Add(pattern[i] switch { '*' => Star, '?' => Any, var c => c });
        }
        return [.. compiled];
    }

    private static string Reversed(string text)
    {
        var chars = text.ToCharArray();
        Array.Reverse(chars);
        return new string(chars);
    }
}
