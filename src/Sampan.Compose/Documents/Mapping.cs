namespace Sampan.Compose.Documents;

/// <summary>Keys and what they hold, each key once, in an order.</summary>
public sealed record Mapping : Node
{
    private readonly Dictionary<string, Member> _byKey;

    /// <summary>A mapping of these members; the last one of a key counts.</summary>
    public Mapping(Position at, IEnumerable<Member> members) : base(at)
    {
        Members = [.. members];
        _byKey = new Dictionary<string, Member>(Members.Count, StringComparer.Ordinal);
        foreach (var member in Members) _byKey[member.Key] = member;
    }

    /// <summary>One without members.</summary>
    public static Mapping Empty { get; } = new(Position.None, []);

    /// <summary>The members in order.</summary>
    public IReadOnlyList<Member> Members { get; }

    /// <summary>What a key holds; null: it isn't there.</summary>
    public Node? this[string key] => _byKey.GetValueOrDefault(key)?.Value;

    /// <summary>A key with its place; null: it isn't there.</summary>
    public Member? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>The same with one key holding something else, at its place or at the end; null takes the key out.</summary>
    public Mapping With(string key, Node? value)
    {
        if (value is null) return _byKey.ContainsKey(key) ? new Mapping(At, Members.Where(m => m.Key != key)) { Tag = Tag } : this;
        var member = new Member(key, _byKey.GetValueOrDefault(key)?.At ?? value.At, value);
        return new Mapping(At, _byKey.ContainsKey(key) ? Members.Select(m => m.Key == key ? member : m) : Members.Append(member)) { Tag = Tag };
    }
}
