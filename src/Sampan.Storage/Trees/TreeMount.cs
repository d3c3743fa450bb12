namespace Sampan.Storage.Trees;

/// <summary>A directory or file of the host that a container sees at a path of its own.</summary>
/// <param name="Source">Path on the host; trusted.</param>
/// <param name="Destination">Path in the container, from its root; links in it are followed inside.</param>
public sealed record TreeMount(string Source, string Destination)
{
    /// <summary>Only this of the source, looked up as if the source were the root; null: all of it.</summary>
    public string? Subpath { get; init; }

    /// <summary>Who the container's users are in the source; null: the same.</summary>
    public OwnerMap? Owners { get; init; }
}
