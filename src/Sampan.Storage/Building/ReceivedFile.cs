namespace Sampan.Storage.Building;

/// <summary>A file that a client has, without its content: unchecked, hostile until proven otherwise.</summary>
/// <param name="Path">From the top of what the client shows.</param>
/// <param name="Mode">As the kernel's <c>st_mode</c>.</param>
public sealed record ReceivedFile(ReadOnlyMemory<byte> Path, uint Mode)
{
    /// <summary>Bytes of its content, as the client says.</summary>
    public long Size { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public long Modified { get; init; }

    /// <summary>A symbolic link's target; of a file: the earlier path that it is another name of; empty: none.</summary>
    public ReadOnlyMemory<byte> Target { get; init; }

    /// <summary>A device's number.</summary>
    public (uint Major, uint Minor) Device { get; init; }

    /// <summary>Extended attributes; those that belong to the host's policy or to overlayfs are left out.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Attributes { get; init; } = [];
}
