using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>A mapping whose keys are the user's, sorted by them.</summary>
internal sealed class MapShape(Shape value) : Shape
{
    /// <summary>Reads an item of a list as a key and its value (null: none given); null: there is no list form.</summary>
    public Func<string, (string Key, Node? Value)>? FromItem { get; init; }

    /// <summary>What a key must be.</summary>
    public Func<string, bool> AcceptsKey { get; init; } = static _ => true;

    /// <summary>What a key must be, for messages.</summary>
    public string ExpectedKey { get; init; } = "";

    public override string Expected => FromItem is null ? "a mapping" : "a mapping or a list";

    public Shape Value => value;

    /// <summary><c>KEY=value</c> and <c>KEY</c>.</summary>
    public static (string, Node?) Pair(string item)
    {
        int equals = item.IndexOf('=');
        return equals < 0 ? (item, null) : (item[..equals], Scalar.Of(item[(equals + 1)..]));
    }

    public override Node? Read(Node node, Reading reading, DocumentPath path)
    {
        if (node.IsNull) return node;
        var members = new Dictionary<string, Member>(StringComparer.Ordinal);
        if (node is Mapping mapping)
        {
            foreach (var member in mapping.Members) Add(member);
        }
        else if (node is Sequence list && FromItem is not null)
        {
            for (int i = 0; i < list.Items.Count; i++)
            {
                if (list.Items[i] is not Scalar { Kind: not ScalarKind.Null } item)
                {
                    reading.Expected(list.Items[i], path[i], "text such as NAME=value");
                    continue;
                }
                var (key, given) = FromItem(item.Text);
                Add(new Member(key, item.At, (given ?? Scalar.Nothing(item.At)) with { At = item.At }));
            }
        }
        else
        {
            reading.Expected(node, path, Expected);
            return null;
        }
        return new Mapping(node.At, Ordered(members.Values)) { Tag = node.Tag };

        void Add(Member member)
        {
            if (!AcceptsKey(member.Key)) reading.Problems.Add(member.At, path[member.Key], $"'{member.Key}' is no name: expected {ExpectedKey}");
            else if (member.Value.Tag == NodeTag.Reset) members[member.Key] = member;
            else if (value.Read(member.Value, reading, path[member.Key]) is { } read) members[member.Key] = member with { Value = read };
        }
    }

    public override Node Settle(Node node) => node is not Mapping mapping ? base.Settle(node)
        : new Mapping(mapping.At, mapping.Members.Where(m => m.Value.Tag != NodeTag.Reset).Select(m => m with { Value = value.Settle(m.Value) }));

    protected override Node Combine(Node below, Node above)
    {
        if (below is not Mapping lower || above is not Mapping upper) return Settle(above);
        var members = lower.Members.ToDictionary(m => m.Key, StringComparer.Ordinal);
        foreach (var member in upper.Members)
        {
            var merged = value.Merge(members.GetValueOrDefault(member.Key)?.Value, member.Value);
            if (merged is null) members.Remove(member.Key);
            else members[member.Key] = member with { Value = merged };
        }
        return new Mapping(upper.At, Ordered(members.Values));
    }

    private static IEnumerable<Member> Ordered(IEnumerable<Member> members) => members.OrderBy(m => m.Key, StringComparer.Ordinal);
}
