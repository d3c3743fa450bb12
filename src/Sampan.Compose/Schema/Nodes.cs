using System.Globalization;
using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>Canonical nodes as values. What the schema guarantees is not checked once more.</summary>
internal static class Nodes
{
    /// <summary>The characters below a key; null: it isn't there, or says nothing.</summary>
    public static string? Text(this Mapping mapping, string key) => mapping[key] is Scalar { Kind: not ScalarKind.Null } scalar ? scalar.Text : null;

    public static bool? Flag(this Mapping mapping, string key) => mapping.Text(key) is { } text ? text == "true" : null;

    public static long? Long(this Mapping mapping, string key) => mapping.Text(key) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;

    public static decimal? Decimal(this Mapping mapping, string key) => mapping.Text(key) is { } text ? decimal.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>Nanoseconds.</summary>
    public static long? Duration(this Mapping mapping, string key) => mapping.Text(key) is { } text && Quantity.TryDuration(text, out long ns) ? ns : null;

    public static Mapping? Map(this Mapping mapping, string key) => mapping[key] as Mapping;

    public static IReadOnlyList<Node> Items(this Mapping mapping, string key) => mapping[key] is Sequence list ? list.Items : [];

    public static IEnumerable<Mapping> Maps(this Mapping mapping, string key) => mapping.Items(key).OfType<Mapping>();

    /// <summary>The texts of a list; empty: none.</summary>
    public static IReadOnlyList<string> Texts(this Mapping mapping, string key) => [.. mapping.Items(key).OfType<Scalar>().Select(s => s.Text)];

    /// <summary>The pairs of a mapping whose values are text; those that say nothing are left out.</summary>
    public static IReadOnlyDictionary<string, string> Pairs(this Mapping mapping, string key) =>
        mapping.Map(key)?.Members.Where(m => !m.Value.IsNull).ToDictionary(m => m.Key, m => m.Value is Scalar s ? s.Text : "", StringComparer.Ordinal) ?? [];

    public static Mapping Of(Position at, params ReadOnlySpan<(string Key, Node? Value)> members)
    {
        var result = new List<Member>();
        foreach (var (key, value) in members)
            if (value is not null) result.Add(new Member(key, at, value));
        return new Mapping(at, result);
    }
}
