using Sampan.Linux.Files;

namespace Sampan.Storage.Archives;

/// <summary>
/// One member of an archive. Names are bytes to the kernel and in tar, so the strings here hold one byte per character
/// (<see cref="RawName"/>): nothing is lost, whatever encoding the image's maker used.
/// </summary>
internal sealed record TarEntry
{
    public required TarEntryKind Kind { get; init; }

    /// <summary>The path as it stands in the archive: unchecked, hostile until proven otherwise.</summary>
    public required string Name { get; init; }

    /// <summary>What a link points to; empty for others.</summary>
    public string LinkName { get; init; } = "";

    /// <summary>Permission bits with set-uid, set-gid and sticky.</summary>
    public UnixFileMode Mode { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public FileTime Modified { get; init; }

    /// <summary>Bytes of content, holes included; 0 for all but files.</summary>
    public long Size { get; init; }

    /// <summary>True if the file has holes that the archive does not hold.</summary>
    public bool IsSparse { get; init; }

    public uint DeviceMajor { get; init; }

    public uint DeviceMinor { get; init; }

    /// <summary>Extended attributes, names as the kernel has them: <c>security.capability</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Attributes { get; init; } = [];
}
