namespace Sampan.Compose.Documents;

/// <summary>A list.</summary>
public sealed record Sequence(Position At, IReadOnlyList<Node> Items) : Node(At);
