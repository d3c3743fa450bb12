using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>A mapping of keys that are known. The order of the table is the order in which they are written.</summary>
internal sealed class RecordShape : Shape
{
    private readonly Dictionary<string, (Key Key, int Rank)> _keys;

    public RecordShape(params Key[] keys)
    {
        Keys = keys;
        _keys = keys.Select((key, i) => (key, i)).ToDictionary(p => p.key.Name, p => (p.key, p.i), StringComparer.Ordinal);
    }

    public IReadOnlyList<Key> Keys { get; }

    /// <summary>The short form: what one value says in the long form; null: there is no short form.</summary>
    public Func<Scalar, Reading, DocumentPath, Node?>? Short { get; init; }

    /// <summary>Whether keys that begin with <c>x-</c> are free.</summary>
    public bool IsExtensible { get; init; } = true;

    /// <summary>What the short form is, for messages.</summary>
    public string ShortExpected { get; init; } = "text";

    /// <summary>What is wrong with the whole that is not wrong with a part.</summary>
    public Action<Mapping, Reading, DocumentPath>? Check { get; init; }

    /// <summary>When a lower and an upper form are not merged: the upper one replaces.</summary>
    public Func<Mapping, Mapping, bool> Replaces { get; init; } = static (_, _) => false;

    public override string Expected => Short is null ? "a mapping" : $"a mapping or {ShortExpected}";

    public override Node? Read(Node node, Reading reading, DocumentPath path)
    {
        if (node is Scalar kept && reading.Keeps(kept)) return node;
        if (node is Scalar { Kind: not ScalarKind.Null } scalar && Short is not null)
        {
            var expanded = Short(scalar, reading, path);
            return expanded is null ? null : expanded with { Tag = node.Tag };
        }
        if (node.IsNull) return node;
        if (node is not Mapping mapping)
        {
            reading.Expected(node, path, Expected);
            return null;
        }
        var members = new List<Member>();
        foreach (var member in mapping.Members)
        {
            if (ReadMember(member, reading, path) is { } read) members.Add(member with { Value = read });
        }
        foreach (var key in Keys)
            if (key.IsRequired && mapping.Find(key.Name) is null) reading.Problems.Add(mapping.At, path, $"the key '{key.Name}' is missing: expected {key.Shape.Expected}");
        var result = new Mapping(mapping.At, Ordered(members)) { Tag = mapping.Tag };
        Check?.Invoke(result, reading, path);
        return result;
    }

    protected override Node Combine(Node below, Node above)
    {
        if (below is not Mapping lower || above is not Mapping upper || Replaces(lower, upper)) return Settle(above);
        var members = lower.Members.ToDictionary(m => m.Key, StringComparer.Ordinal);
        foreach (var member in upper.Members)
        {
            var shape = _keys.TryGetValue(member.Key, out var known) ? known.Key.Shape : AnyShape.Instance;
            var value = shape.Merge(members.GetValueOrDefault(member.Key)?.Value, member.Value);
            if (value is null) members.Remove(member.Key);
            else members[member.Key] = member with { Value = value };
        }
        return new Mapping(upper.At, Ordered(members.Values));
    }

    public override Node Settle(Node node) => node is not Mapping mapping ? base.Settle(node)
        : new Mapping(mapping.At, mapping.Members.Where(m => m.Value.Tag != NodeTag.Reset).Select(m => m with { Value = (_keys.TryGetValue(m.Key, out var known) ? known.Key.Shape : AnyShape.Instance).Settle(m.Value) }));

    private Node? ReadMember(Member member, Reading reading, DocumentPath path)
    {
        if (_keys.TryGetValue(member.Key, out var known))
        {
            if (member.Value.Tag == NodeTag.Reset) return member.Value;
            if (known.Key.Refusal is { } reason && !member.Value.IsNull)
            {
                reading.Problems.Add(member.At, path[member.Key], $"'{member.Key}' is not supported: {reason}");
                return null;
            }
            return known.Key.Shape.Read(member.Value, reading, path[member.Key]);
        }
        if (IsExtensible && member.Key.StartsWith("x-", StringComparison.Ordinal)) return member.Value;
        reading.Problems.Add(member.At, path[member.Key], $"unknown key '{member.Key}'{Suggestion.Text(member.Key, _keys.Keys)}");
        return null;
    }

    private IEnumerable<Member> Ordered(IEnumerable<Member> members) =>
        members.OrderBy(m => _keys.TryGetValue(m.Key, out var known) ? known.Rank : int.MaxValue).ThenBy(m => m.Key, StringComparer.Ordinal);
}
