namespace Sampan.Storage.Archives;

/// <summary>How a stream is compressed, told by its first bytes, whatever its name or media type says.</summary>
internal enum CompressionKind
{
    None,
    Gzip,
    Zstd,
    Xz,
    Bzip2,
}
