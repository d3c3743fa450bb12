namespace Sampan.Compose.Documents;

/// <summary>A key of a mapping, where it is, and what it holds.</summary>
public sealed record Member(string Key, Position At, Node Value);
