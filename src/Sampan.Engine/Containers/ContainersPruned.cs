namespace Sampan.Engine.Containers;

/// <summary>What a prune removed.</summary>
/// <param name="Ids">The containers.</param>
/// <param name="BytesReclaimed">The size of their writable layers.</param>
public sealed record ContainersPruned(IReadOnlyList<string> Ids, long BytesReclaimed);
