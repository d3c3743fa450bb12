namespace Sampan.Compose.Documents;

/// <summary>A part of a document, with its place. Immutable; an anchor's node may stand in several places of one tree.</summary>
public abstract record Node(Position At)
{
    /// <summary>What it does in a merge.</summary>
    public NodeTag Tag { get; init; }

    /// <summary>Whether it says nothing.</summary>
    public bool IsNull => this is Scalar { Kind: ScalarKind.Null };

    /// <summary>What it is, for messages.</summary>
    public string Describe() => this switch
    {
        Mapping => "a mapping",
        Sequence => "a list",
        Scalar { Kind: ScalarKind.Null } => "nothing",
        Scalar { Kind: ScalarKind.Boolean } s => $"the boolean {s.Text}",
        Scalar { Kind: ScalarKind.Number } s => $"the number {s.Text}",
        Scalar s => s.Text.Length > 80 ? $"'{s.Text[..80]}…'" : $"'{s.Text}'",
        _ => "something else",
    };
}
