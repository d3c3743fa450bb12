using System.Diagnostics;
using System.Text;
using Sampan.Oci.Images;
using Sampan.Storage;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Layers in a docker-archive, compressed in whatever way tar knows: docker's load takes them, too.</summary>
public sealed class CompressedLayerTests : StorageTest
{
    [Theory]
    [InlineData("gzip", MediaTypes.OciLayerGzip)]
    [InlineData("zstd", MediaTypes.OciLayerZstd)]
    [InlineData("xz", MediaTypes.OciLayer)]
    [InlineData("bzip2", MediaTypes.OciLayer)]
    public async Task A_compressed_layer_is_unpacked_and_kept_in_a_form_that_registries_know(string program, string mediaType)
    {
        var layer = new TestLayer().File("file", "content").ToTar();
        var store = ImageStoreTests.OpenStore(In("data"));

        var loaded = await store.LoadAsync(new MemoryStream(Archive(layer, Compress(program, layer))), null, CancellationToken.None);

        var stored = loaded[0].Image.Layers.Single();
        stored.Blob.MediaType.ShouldBe(mediaType);
        stored.Size.ShouldBe(7);
        (await store.CheckAsync(false, _ => null, _ => { }, CancellationToken.None)).Findings.ShouldBeEmpty();
        if (mediaType == MediaTypes.OciLayer)
            stored.Blob.Digest.ShouldBe(Digest.Of(layer));
    }

    [Theory]
    [InlineData("xz")]
    [InlineData("bzip2")]
    public async Task A_compressed_layer_that_is_cut_off_or_another_one_is_refused_and_nothing_stays(string program)
    {
        var layer = new TestLayer().File("file", "content").ToTar();
        var packed = Compress(program, layer);
        var store = ImageStoreTests.OpenStore(In("data"));

        foreach (var bad in new[] { packed[..^10], Compress(program, new TestLayer().File("file", "changed").ToTar()) })
            (await Should.ThrowAsync<StorageException>(() => store.LoadAsync(new MemoryStream(Archive(layer, bad)), null, CancellationToken.None))).Kind.ShouldBe(StorageError.Corrupt);

        store.List().ShouldBeEmpty();
        Directory.GetFiles(In("data/content/blobs/sha256")).ShouldBeEmpty();
        Directory.GetFiles(In("data/content/ingest")).ShouldBeEmpty();
    }

    private static byte[] Archive(byte[] layer, byte[] packed)
    {
        var image = new TestImage().Layer(layer);
        return TestImage.Archive(new()
        {
            ["config.json"] = image.Config(),
            ["layer.tar"] = packed,
            ["manifest.json"] = Encoding.UTF8.GetBytes("""[{"Config":"config.json","RepoTags":["packed:1"],"Layers":["layer.tar"]}]"""),
        });
    }

    private static byte[] Compress(string program, byte[] content)
    {
        if (!new[] { "/usr/bin", "/bin" }.Any(directory => File.Exists(Path.Combine(directory, program))))
            Assert.Skip($"{program} is not installed: apt-get install {program}");
        using var run = Process.Start(new ProcessStartInfo(program, "-q -c") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false });
        run.ShouldNotBeNull();
        var feeding = Task.Run(() =>
        {
            run.StandardInput.BaseStream.Write(content);
            run.StandardInput.Close();
        });
        using var packed = new MemoryStream();
        run.StandardOutput.BaseStream.CopyTo(packed);
        feeding.Wait();
        run.WaitForExit();
        return packed.ToArray();
    }
}
