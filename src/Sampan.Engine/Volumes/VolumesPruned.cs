namespace Sampan.Engine.Volumes;

/// <summary>What a prune removed.</summary>
/// <param name="Names">The volumes.</param>
/// <param name="BytesReclaimed">What was in them.</param>
public sealed record VolumesPruned(IReadOnlyList<string> Names, long BytesReclaimed);
