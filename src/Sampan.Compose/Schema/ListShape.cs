using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>A list. Merged, the upper one's items come behind the lower one's; of items with the same key the last one counts, at the first one's place.</summary>
internal sealed class ListShape(Shape item) : Shape
{
    /// <summary>What two items have in common that are the same thing; null: all items are different.</summary>
    public Func<Node, string>? Key { get; init; } = Text;

    /// <summary>Whether one value stands for a list of it.</summary>
    public bool AllowsOne { get; init; }

    /// <summary>Whether an upper list replaces a lower one instead of being added to it.</summary>
    public bool IsReplaced { get; init; }

    /// <summary>One value as several items; null: an item is an item.</summary>
    public Func<Scalar, Reading, DocumentPath, IReadOnlyList<Node>?>? Short { get; init; }

    /// <summary>A mapping as items, a member each; null: a mapping is no list.</summary>
    public Func<Member, IEnumerable<string>>? FromMember { get; init; }

    public Shape Item => item;

    public override string Expected => AllowsOne ? $"{item.Expected} or a list" : "a list";

    /// <summary>A list of texts.</summary>
    public static ListShape Texts() => new(ScalarShape.Text);

    /// <summary>A list of texts, or one.</summary>
    public static ListShape OneOrMore() => new(ScalarShape.Text) { AllowsOne = true };

    public override Node? Read(Node node, Reading reading, DocumentPath path)
    {
        if (node.IsNull) return node;
        if (node is Mapping mapping && FromMember is not null)
            return new Sequence(node.At, [.. mapping.Members.SelectMany(m => FromMember(m).Select(t => new Scalar(m.At, t)))]) { Tag = node.Tag };
        if (node is not Sequence && AllowsOne) node = new Sequence(node.At, [node]) { Tag = node.Tag };
        if (node is not Sequence list)
        {
            reading.Expected(node, path, Expected);
            return null;
        }
        var items = new List<Node>();
        for (int i = 0; i < list.Items.Count; i++)
        {
            if (list.Items[i].IsNull) reading.Expected(list.Items[i], path[i], item.Expected);
            else if (list.Items[i] is Scalar kept && reading.Keeps(kept)) items.Add(kept);
            else if (list.Items[i] is Scalar scalar && Short is not null) items.AddRange(Short(scalar, reading, path[i])?.Select(n => n with { At = scalar.At }) ?? []);
            else if (item.Read(list.Items[i], reading, path[i]) is { } read) items.Add(read);
        }
        return new Sequence(node.At, Unique(items)) { Tag = node.Tag };
    }

    protected override Node Combine(Node below, Node above) =>
        below is not Sequence lower || above is not Sequence upper || IsReplaced ? above : new Sequence(upper.At, Unique([.. lower.Items, .. upper.Items]));

    private static string Text(Node node) => node is Scalar scalar ? scalar.Text : "";

    private List<Node> Unique(List<Node> items)
    {
        if (Key is null || items.Count < 2) return items;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var result = new List<Node>();
        foreach (var node in items)
        {
            string key = node is Scalar scalar ? scalar.Text : Key(node);
            if (places.TryGetValue(key, out int place)) result[place] = node;
            else
            {
                places[key] = result.Count;
                result.Add(node);
            }
        }
        return result;
    }
}
