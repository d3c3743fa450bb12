using System.IO.Compression;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Tests.Archives;

public sealed class CompressionTests
{
    // zstd -3 of the text "sampan sampan sampan sampan\n", made with Debian's zstd.
    private static readonly byte[] Zstd = Convert.FromHexString("28B52FFD04587500004073616D70616E200A0100A28B112A05753D");

    [Fact]
    public void Gzip_is_recognised_and_undone_also_in_several_members()
    {
        var twice = Gzip("abc"u8).Concat(Gzip("def"u8)).ToArray();

        ReadAll(twice).ShouldBe("abcdef"u8.ToArray());
    }

    [Fact]
    public void Plain_data_passes_through_however_short()
    {
        foreach (var length in new[] { 0, 1, 5, 6, 7, 1000 })
            ReadAll(new byte[length]).Length.ShouldBe(length);
    }

    [Theory]
    [InlineData("425A68393141592653", "bzip2")]
    [InlineData("FD377A585A000004", "xz")]
    public void Other_compression_is_refused_with_advice(string magic, string name) =>
        Should.Throw<StorageException>(() => ReadAll(Convert.FromHexString(magic)))
            .Message.ShouldBe($"the archive is compressed with {name}: compress it with gzip or zstd, or not at all");

    [Fact]
    public void Damaged_gzip_is_refused()
    {
        var damaged = Gzip(new byte[5000]);
        damaged[12] ^= 0xff;
        damaged[14] ^= 0x5a;

        Should.Throw<StorageException>(() => ReadAll(damaged)).Kind.ShouldBe(StorageError.Corrupt);
    }

    [Fact]
    public void A_bomb_is_stopped_once_it_grows_beyond_the_ratio()
    {
        // CVE-2017-14992: a few kB that unpack to gigabytes.
        var limits = new ArchiveLimits { MaxRatio = 100, RatioFloorBytes = 100_000 };

        Should.Throw<StorageException>(() => ReadAll(Gzip(new byte[5_000_000]), limits)).Message.ShouldContain("decompression bomb");
        ReadAll(Gzip(new byte[90_000]), limits).Length.ShouldBe(90_000);
    }

    [Fact]
    public void Zstd_is_recognised_and_undone_also_in_several_frames()
    {
        RequireZstd();

        ReadAll(Zstd).ShouldBe("sampan sampan sampan sampan\n"u8.ToArray());
        ReadAll([.. Zstd, .. Zstd]).Length.ShouldBe(56);
    }

    [Fact]
    public void Truncated_or_damaged_zstd_is_refused()
    {
        RequireZstd();
        for (var length = 6; length < Zstd.Length; length++)
            Should.Throw<StorageException>(() => ReadAll(Zstd[..length])).Kind.ShouldBe(StorageError.Corrupt);
        var damaged = (byte[])Zstd.Clone();
        damaged[^1] ^= 1;
        Should.Throw<StorageException>(() => ReadAll(damaged)).Kind.ShouldBe(StorageError.Corrupt);
    }

    internal static byte[] Gzip(ReadOnlySpan<byte> content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal))
            gzip.Write(content);
        return target.ToArray();
    }

    private static void RequireZstd()
    {
        if (!System.Runtime.InteropServices.NativeLibrary.TryLoad("libzstd", typeof(Compression).Assembly, null, out _))
            Assert.Skip("libzstd.so is not there: install libzstd-dev");
    }

    private static byte[] ReadAll(byte[] bytes, ArchiveLimits? limits = null)
    {
        using var stream = Compression.Decompress(new MemoryStream(bytes), limits ?? ArchiveLimits.Default);
        using var target = new MemoryStream();
        var buffer = new byte[4096];
        for (int read; (read = stream.Read(buffer, 0, buffer.Length)) > 0;)
            target.Write(buffer, 0, read);
        return target.ToArray();
    }
}
