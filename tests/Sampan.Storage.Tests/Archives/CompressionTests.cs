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

    // "sampan sampan sampan sampan\n", made with Debian's xz and bzip2.
    [Theory]
    [InlineData("liblzma", "FD377A585A000004E6D6B4460200210116000000742FE5A3E0001B000F5D00399849FEEF52898EB9E7DF1DE0000000001A9793C83055537E00012B1C0D14F7421FB6F37D010000000004595A")]
    [InlineData("libbz2", "425A683931415926535943C8F94600000DD18000104000200348002000310C005540DEA9E223045ABE2EE48A70A1208791F28C")]
    public void Xz_and_bzip2_are_recognised_and_undone_also_in_several_streams(string library, string hex)
    {
        Require(library);
        var bytes = Convert.FromHexString(hex);

        ReadAll(bytes).ShouldBe("sampan sampan sampan sampan\n"u8.ToArray());
        ReadAll([.. bytes, .. bytes]).Length.ShouldBe(56);
        for (var length = 6; length < bytes.Length; length++)
            Should.Throw<StorageException>(() => ReadAll(bytes[..length])).Kind.ShouldBe(StorageError.Corrupt);
        for (var i = 6; i < bytes.Length; i++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[i] ^= 0x41;
            // A decoder may stop before some of the last bytes matter; it must never give other content.
            try
            {
                ReadAll(damaged).ShouldBe("sampan sampan sampan sampan\n"u8.ToArray());
            }
            catch (StorageException refused)
            {
                refused.Kind.ShouldBe(StorageError.Corrupt);
            }
        }
    }

    private static void Require(string library)
    {
        if (!System.Runtime.InteropServices.NativeLibrary.TryLoad(library, typeof(Compression).Assembly, null, out _))
            Assert.Skip($"{library}.so is not there: run scripts/setup");
    }

    [Fact]
    public void Damaged_gzip_is_refused()
    {
        var damaged = Gzip(new byte[5000]);
        damaged[12] ^= 0xff;
        damaged[14] ^= 0x5a;

        Should.Throw<StorageException>(() => ReadAll(damaged)).Kind.ShouldBe(StorageError.Corrupt);
    }

    [Fact]
    public void CVE_2017_14992_a_bomb_is_stopped_once_it_grows_beyond_the_ratio()
    {
        // A few kB that unpack to gigabytes.
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
