using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sampan.Build.Parsing;

/// <summary>
/// Which files a <c>.dockerignore</c> leaves out, by the rules of Docker's own matcher (moby/patternmatcher): Go's <c>filepath.Match</c>
/// with <c>**</c> for any directories, <c>!</c> for exceptions, the last rule that matches decides, and a rule for a directory holds for all below it.
/// </summary>
internal sealed class IgnoreRules
{
    private readonly List<(Regex Pattern, bool Except, string Text)> _rules = [];

    /// <summary>Nothing is left out.</summary>
    internal static IgnoreRules None { get; } = new([]);

    /// <param name="patterns">One rule each.</param>
    /// <exception cref="FormatException">A rule is malformed.</exception>
    internal IgnoreRules(IEnumerable<string> patterns)
    {
        foreach (var given in patterns)
            Add(given);
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="FormatException">A rule is malformed, with its line.</exception>
    internal static IgnoreRules Read(string text)
    {
        var rules = new IgnoreRules([]);
        var number = 0;
        foreach (var line in text.TrimStart('\ufeff').Split('\n'))
        {
            number++;
            // Docker: a comment begins in the first column only.
            if (line.StartsWith('#') || line.Trim().Length == 0)
                continue;
            var pattern = line.Trim();
            var except = pattern[0] == '!';
            pattern = except ? pattern[1..].Trim() : pattern;
            if (pattern.Length > 0)
            {
                pattern = Clean(pattern);
                pattern = pattern.Length > 1 ? pattern.TrimStart('/') : pattern;
            }
            try
            {
                rules.Add(except ? "!" + pattern : pattern);
            }
            catch (FormatException wrong)
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"line {number}: {wrong.Message}"), wrong);
            }
        }
        return rules;
    }

    /// <summary>True if there are no rules.</summary>
    internal bool IsEmpty => _rules.Count == 0;

    /// <summary>The rules as Docker's client sends them on, cleaned.</summary>
    internal IEnumerable<string> Patterns => _rules.Select(rule => rule.Except ? "!" + rule.Text : rule.Text);

    /// <summary>Whether a path is left out.</summary>
    /// <param name="path">From the context's top, without a slash at either end.</param>
    internal bool Excludes(string path)
    {
        var excluded = false;
        foreach (var (pattern, except, _) in _rules)
        {
            if (excluded != except)
                continue;
            if (MatchesItOrParent(pattern, path))
                excluded = !except;
        }
        return excluded;
    }

    /// <summary>Whether nothing below an excluded directory can be let in again, so that it need not be read.</summary>
    internal bool ExcludesAllBelow(string directory)
    {
        if (!Excludes(directory))
            return false;
        var prefix = directory + "/";
        return !_rules.Any(rule => rule.Except && (rule.Text.StartsWith(prefix, StringComparison.Ordinal) || rule.Text.AsSpan().IndexOfAny("*?[\\") >= 0
            || prefix.StartsWith(rule.Text + "/", StringComparison.Ordinal)));
    }

    private void Add(string given)
    {
        var pattern = given.Trim();
        if (pattern.Length == 0)
            return;
        var except = pattern[0] == '!';
        if (except && pattern.Length == 1)
            throw new FormatException("illegal exclusion pattern: \"!\"");
        pattern = Clean(except ? pattern[1..].Trim() : pattern);
        _rules.Add((ToRegex(pattern), except, pattern));
    }

    private static bool MatchesItOrParent(Regex pattern, string path)
    {
        if (pattern.IsMatch(path))
            return true;
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            if (pattern.IsMatch(path[..slash]))
                return true;
        }
        return false;
    }

    // Go's filepath.Clean, with slashes.
    private static string Clean(string path)
    {
        var rooted = path.StartsWith('/');
        var names = new List<string>();
        foreach (var name in path.Split('/'))
        {
            if (name is "" or ".")
                continue;
            if (name == ".." && names.Count > 0 && names[^1] != "..")
                names.RemoveAt(names.Count - 1);
            else if (name != ".." || !rooted)
                names.Add(name);
        }
        var clean = string.Join('/', names);
        return rooted ? "/" + clean : clean.Length == 0 ? "." : clean;
    }

    /// <summary>Whether a pattern without <c>!</c> matches a whole path: for wildcards in COPY and for <c>--exclude</c>.</summary>
    internal static Regex ToRegex(string pattern)
    {
        var regex = new StringBuilder("^");
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when i + 1 < pattern.Length && pattern[i + 1] == '*':
                    i++;
                    if (i + 1 < pattern.Length && pattern[i + 1] == '/')
                        i++;
                    // "**" at the end is anything at all; before something else, any directories or none.
                    regex.Append(i + 1 == pattern.Length ? ".*" : "(?:.*/)?");
                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?':
                    regex.Append("[^/]");
                    break;
                case '[':
                    i = Class(pattern, i, regex);
                    break;
                case '\\':
                    if (++i == pattern.Length)
                        throw new FormatException($"syntax error in pattern '{pattern}': a backslash at its end");
                    regex.Append(Regex.Escape(pattern[i].ToString()));
                    break;
                default:
                    regex.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }
        // Not backtracking: a rule made to take for ever takes as long as the path.
        return new Regex(regex.Append('$').ToString(), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }

    private static int Class(string pattern, int start, StringBuilder regex)
    {
        var i = start + 1;
        regex.Append('[');
        if (i < pattern.Length && pattern[i] == '^')
        {
            regex.Append('^');
            i++;
        }
        var first = i;
        for (; i < pattern.Length && (pattern[i] != ']' || i == first); i++)
        {
            var c = pattern[i];
            if (c == '\\' && ++i < pattern.Length)
                c = pattern[i];
            if (c == '-' && pattern[i - 1] != '\\' && i > first && i + 1 < pattern.Length && pattern[i + 1] != ']')
                regex.Append('-');
            else
                regex.Append(CultureInvariantHex(c));
        }
        if (i >= pattern.Length)
            throw new FormatException($"syntax error in pattern '{pattern}': a bracket is not closed");
        regex.Append(']');
        return i;
    }

    private static string CultureInvariantHex(char c) => $"\\u{(int)c:x4}";
}
