namespace Sampan.Storage.Archives;

/// <summary>
/// How much an archive may ask for. Everything from outside is bounded (CVE-2017-14992, CVE-2023-25153): a small file must not
/// fill the memory or the disk.
/// </summary>
public sealed record ArchiveLimits
{
    /// <summary>The limits in force unless a test or an administrator says otherwise.</summary>
    public static ArchiveLimits Default { get; } = new();

    /// <summary>Members of one archive.</summary>
    public long MaxEntries { get; init; } = 4_000_000;

    /// <summary>The archive may end with the last entry's content, without what fills up its block and the empty blocks that mark the end: whoever brings it knows whether all has come.</summary>
    public bool MayLackEnd { get; init; }

    /// <summary>Bytes of a path, as the kernel has it (PATH_MAX).</summary>
    public int MaxPathBytes { get; init; } = 4095;

    /// <summary>Bytes of one extended header (PAX or GNU long name), as Go's reader has it.</summary>
    public int MaxHeaderBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of one layer after decompression.</summary>
    public long MaxLayerBytes { get; init; } = 256L * 1024 * 1024 * 1024;

    /// <summary>How many bytes may come out of one compressed byte, once <see cref="RatioFloorBytes"/> came out.</summary>
    public int MaxRatio { get; init; } = 500;

    /// <summary>Bytes that may come out whatever the ratio: a layer of zeros is odd but honest.</summary>
    public long RatioFloorBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Bytes of a configuration, a manifest or an index.</summary>
    public int MaxDocumentBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Layers of one image: overlay takes no more than 500 lower directories.</summary>
    public int MaxLayers { get; init; } = 500;

    /// <summary>Indexes inside indexes.</summary>
    public int MaxIndexDepth { get; init; } = 4;

    /// <summary>Manifests that one archive may hold in all its indexes together (GO-2026-6597: an index that names itself many times).</summary>
    public int MaxManifests { get; init; } = 1000;

    /// <summary>Bytes of all files of an image archive together.</summary>
    public long MaxArchiveBytes { get; init; } = 1024L * 1024 * 1024 * 1024;
}
