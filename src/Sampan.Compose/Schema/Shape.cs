using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>
/// What may stand at a place of a file. One shape knows three things: how to read what the user wrote into its one canonical form (long instead of
/// short, text instead of lists of pairs), what to say if it can't, and how two canonical forms are merged. The schema is a tree of shapes, and the only description of a key.
/// </summary>
internal abstract class Shape
{
    /// <summary>What is expected, for messages.</summary>
    public abstract string Expected { get; }

    /// <summary>The canonical form; null: it can't be read, and that is reported.</summary>
    public abstract Node? Read(Node node, Reading reading, DocumentPath path);

    /// <summary>Two canonical forms as one: by default the upper one counts.</summary>
    protected virtual Node Combine(Node below, Node above) => above;

    /// <summary>What results of a node (or null) with another on top; null: nothing is left.</summary>
    public Node? Merge(Node? below, Node above) => above.Tag switch
    {
        NodeTag.Reset => null,
        NodeTag.Override => above with { Tag = NodeTag.None },
        _ when below is null || below.IsNull => Settle(above),
        _ when above.IsNull => below,
        _ => Combine(below, above),
    };

    /// <summary>A node with nothing below it: resets inside of it have done their work.</summary>
    public virtual Node Settle(Node node) => node.Tag == NodeTag.None ? node : node with { Tag = NodeTag.None };
}
