using System.IO.Compression;

namespace Sampan.Storage.Archives;

/// <summary>Finds out how a stream is compressed and undoes it, in this process: no helper programs (CVE-2026-41567).</summary>
internal static class Compression
{
    private const int MagicLength = 6;

    // By itself it reads 8 KiB at a time.
    private const int GzipInputBytes = 128 * 1024;

    /// <summary>Reads through whatever compression there is.</summary>
    /// <param name="source">A stream; disposed with the result.</param>
    /// <param name="limits">How much may come out.</param>
    internal static Stream Decompress(Stream source, ArchiveLimits limits) => Decompress(source, limits, out _);

    /// <inheritdoc cref="Decompress(Stream, ArchiveLimits)"/>
    internal static Stream Decompress(Stream source, ArchiveLimits limits, out CompressionKind kind)
    {
        var magic = new byte[MagicLength];
        var length = source.ReadAtLeast(magic, MagicLength, throwOnEndOfStream: false);
        kind = Detect(magic.AsSpan(0, length));
        var whole = new CountingStream(new PrefixedStream(magic.AsMemory(0, length), source));
        return kind switch
        {
            CompressionKind.None => whole,
            CompressionKind.Gzip => new RatioLimitStream(new GZipStream(new BufferedStream(whole, GzipInputBytes), CompressionMode.Decompress), whole, limits),
            CompressionKind.Xz => new RatioLimitStream(new XzStream(whole), whole, limits),
            CompressionKind.Bzip2 => new RatioLimitStream(new Bzip2Stream(whole), whole, limits),
            _ => new RatioLimitStream(new ZstdStream(whole), whole, limits),
        };
    }

    internal static CompressionKind Detect(ReadOnlySpan<byte> magic)
    {
        if (magic.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
            return CompressionKind.Gzip;
        // A zstd frame, or a skippable frame, as tools put before it to hold an index.
        if (magic.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) || (magic.Length >= 4 && (magic[0] & 0xf0) == 0x50 && magic[1..].StartsWith((ReadOnlySpan<byte>)[0x2a, 0x4d, 0x18])))
            return CompressionKind.Zstd;
        if (magic.StartsWith("BZh"u8))
            return CompressionKind.Bzip2;
        if (magic.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
            return CompressionKind.Xz;
        return CompressionKind.None;
    }
}
