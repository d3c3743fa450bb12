namespace Sampan.Storage.Trees;

/// <summary>One path in which a snapshot differs from its image.</summary>
/// <param name="Path">From the root, beginning with a slash; bytes that are no UTF-8 show as U+FFFD.</param>
/// <param name="Kind">What happened to it.</param>
public sealed record TreeChange(string Path, ChangeKind Kind);
