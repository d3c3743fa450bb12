namespace Sampan.Storage.Trees;

/// <summary>What is at a path in a container.</summary>
/// <param name="Name">The last name of the path as it was asked for.</param>
/// <param name="Mode">Kind and permissions as the kernel's st_mode has them; of a link itself.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Seconds">Last change of the content, since 1970.</param>
/// <param name="Nanoseconds">The fraction of that.</param>
/// <param name="LinkTarget">For a symbolic link the path it leads to in the end, from the container's root, as far as that exists; else empty.</param>
public sealed record PathFacts(string Name, uint Mode, long Size, long Seconds, int Nanoseconds, string LinkTarget);
