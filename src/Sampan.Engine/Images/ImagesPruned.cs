namespace Sampan.Engine.Images;

/// <summary>What a prune removed.</summary>
/// <param name="Removals">Line by line.</param>
/// <param name="BytesReclaimed">How much room it made.</param>
public sealed record ImagesPruned(IReadOnlyList<ImageRemoval> Removals, long BytesReclaimed);
