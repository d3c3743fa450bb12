using System.Text.RegularExpressions;
using Sampan.Build.Caching;
using Sampan.Engine;

namespace Sampan.Server.BuildKit;

/// <summary>
/// Which entries of the cache are meant, in containerd's words: <c>id~=5f.*,type==regular,shared</c>. All terms of one filter must hold, and of several
/// filters one.
/// </summary>
internal sealed class CacheFilter
{
    private readonly IReadOnlyList<IReadOnlyList<Func<BuildCacheEntry, bool>>> _filters;

    private CacheFilter(IReadOnlyList<IReadOnlyList<Func<BuildCacheEntry, bool>>> filters) => _filters = filters;

    /// <summary>Reads filters.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: one cannot be understood.</exception>
    internal static CacheFilter Parse(IEnumerable<string> filters) => new([.. filters.Where(text => text.Length > 0).Select(text => (IReadOnlyList<Func<BuildCacheEntry, bool>>)[.. text.Split(',').Select(Term)])]);

    /// <summary>Whether an entry is meant.</summary>
    internal bool Takes(BuildCacheEntry entry) => _filters.Count == 0 || _filters.Any(terms => terms.All(term => term(entry)));

    /// <summary>A cache mount: its files change.</summary>
    internal static bool IsMutable(BuildCacheEntry entry) => entry.Kind == "exec.cachemount";

    private static Func<BuildCacheEntry, bool> Term(string text)
    {
        foreach (var sign in new[] { "~=", "==", "!=", "=" })
        {
            var at = text.IndexOf(sign, StringComparison.Ordinal);
            if (at <= 0)
                continue;
            var (value, wanted) = (Value(text[..at], text), text[(at + sign.Length)..].Trim('"'));
            switch (sign)
            {
                case "~=":
                    var pattern = Pattern(wanted);
                    return entry => pattern.IsMatch(value(entry));
                case "!=":
                    return entry => value(entry) != wanted;
                default:
                    return entry => value(entry) == wanted;
            }
        }
        var flag = Value(text, text);
        return entry => flag(entry) == "true";
    }

    private static Regex Pattern(string text)
    {
        try
        {
            return new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception wrong) when (wrong is ArgumentException or NotSupportedException)
        {
            throw new EngineException(ErrorKind.InvalidArgument, $"invalid pattern '{text}' in a filter: {wrong.Message}", wrong);
        }
    }

    private static Func<BuildCacheEntry, string> Value(string name, string term) => name.Trim() switch
    {
        "id" => entry => entry.Id,
        "type" => entry => entry.Kind,
        "description" => entry => entry.Description,
        "inuse" => entry => Word(entry.InUse),
        "shared" => entry => Word(entry.IsShared),
        "private" => entry => Word(!entry.IsShared),
        "mutable" => entry => Word(IsMutable(entry)),
        "immutable" => entry => Word(!IsMutable(entry)),
        _ => throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter '{term}': expected id, type, description, inuse, shared, private, mutable or immutable"),
    };

    private static string Word(bool value) => value ? "true" : "false";
}
