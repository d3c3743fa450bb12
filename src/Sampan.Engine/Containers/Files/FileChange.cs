namespace Sampan.Engine.Containers.Files;

/// <summary>One path in which a container's files differ from its image's.</summary>
/// <param name="Path">From the root.</param>
/// <param name="Kind">0: changed, 1: added, 2: deleted, as Docker numbers them.</param>
public sealed record FileChange(string Path, int Kind);
