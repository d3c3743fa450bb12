using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>Whatever the user likes: extensions, and options of others. Mappings are merged, all else is replaced.</summary>
internal sealed class AnyShape : Shape
{
    public static AnyShape Instance { get; } = new();

    public override string Expected => "anything";

    public override Node? Read(Node node, Reading reading, DocumentPath path) => node;

    public override Node Settle(Node node) => node is not Mapping mapping ? base.Settle(node)
        : new Mapping(mapping.At, mapping.Members.Where(m => m.Value.Tag != NodeTag.Reset).Select(m => m with { Value = Settle(m.Value) }));

    protected override Node Combine(Node below, Node above)
    {
        if (below is not Mapping lower || above is not Mapping upper) return Settle(above);
        var result = lower;
        foreach (var member in upper.Members) result = result.With(member.Key, Merge(lower[member.Key], member.Value));
        return result;
    }
}
