using System.Text;
using System.Text.Json;
using Sampan.Oci.Images;
using Sampan.Storage;
using Sampan.Storage.Archives;
using Sampan.Storage.Images;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Damaged, truncated and hostile image archives: each gets a clear refusal, and nothing half-made stays behind.</summary>
public sealed class HostileImageTests : StorageTest
{
    private static readonly byte[] Layer = new TestLayer().Directory("etc/").File("etc/base", new string('b', 3000)).ToTar();

    private readonly ImageStore _store;

    public HostileImageTests() => _store = ImageStoreTests.OpenStore(In("data"), new ArchiveLimits { MaxIndexDepth = 3, MaxManifests = 50, MaxDocumentBytes = 100_000, MaxLayers = 10 });

    [Fact]
    public async Task An_archive_cut_off_anywhere_is_refused()
    {
        foreach (var archive in new[] { new TestImage().Layer(Layer).ToDockerArchive("a"), new TestImage().Layer(Layer).ToOciLayout("a", TestImage.Gzip), TestImage.Gzip(new TestImage().Layer(Layer).ToDockerArchive("a")) })
        {
            for (var i = 0; i < 12; i++)
                (await Refused(archive[..((archive.Length - Math.Min(1024, archive.Length / 4)) * i / 12)])).Kind.ShouldBe(StorageError.Corrupt);
        }
    }

    [Fact]
    public async Task A_layer_with_the_wrong_digest_is_refused()
    {
        var image = new TestImage().Layer(Layer);
        var files = image.OciFiles("a", TestImage.Gzip, nested: false, MediaTypes.OciManifest);
        var other = TestImage.Gzip(new TestLayer().File("evil", "x").ToTar());

        // Under the right name: the blob's digest is wrong.
        var blob = files.Keys.Single(key => key.EndsWith(Digest.Of(TestImage.Gzip(Layer)).Hex, StringComparison.Ordinal));
        (await Refused(TestImage.Archive(new(files) { [blob] = other }))).Message.ShouldStartWith($"wrong digest: content is '{Digest.Of(other)}'");

        // In a docker-archive: the content is not what the configuration says.
        var docker = Encoding.UTF8.GetBytes($$"""[{"Config":"c.json","RepoTags":["a:1"],"Layers":["l.tar"]}]""");
        var refused = await Refused(TestImage.Archive(new() { ["c.json"] = image.Config(), ["l.tar"] = other, ["manifest.json"] = docker }));
        refused.Kind.ShouldBe(StorageError.Corrupt);
        refused.Message.ShouldContain($"the image's configuration wants '{Digest.Of(Layer)}'");
    }

    [Fact]
    public async Task Missing_pieces_are_named()
    {
        var files = new TestImage().Layer(Layer).OciFiles("a", null, nested: false, MediaTypes.OciManifest);
        foreach (var missing in files.Keys.Where(key => key.StartsWith("blobs/", StringComparison.Ordinal)))
        {
            var refused = await Refused(TestImage.Archive(files.Where(file => file.Key != missing).ToDictionary()));
            refused.Message.ShouldContain(missing["blobs/sha256/".Length..]);
        }
        (await Refused(TestImage.Archive(new() { ["manifest.json"] = """[{"Config":"gone.json","Layers":[]}]"""u8.ToArray() }))).Message.ShouldContain("the archive lacks 'gone.json'");
        (await Refused(TestImage.Archive(new() { ["some"] = [] }))).Message.ShouldContain("neither 'manifest.json' nor 'index.json'");
        (await Refused(TestImage.Archive(new() { ["repositories"] = "{}"u8.ToArray() }))).Message.ShouldContain("older than 1.10");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("[{\"Config\":1}]")]
    [InlineData("[{\"Config\":\"c.json\",\"Layers\":\"x\"}]")]
    [InlineData("[{\"Config\":\"c.json\",\"Layers\":[null]}]")]
    [InlineData("[{\"Config\":\"c.json\",\"Layers\":[]}]")]
    [InlineData("[{\"Config\":\"c.json\",\"Layers\":[\"l\",\"l\"]}]")]
    [InlineData("[{\"Config\":\"c.json\",\"Layers\":[\"l\"],\"RepoTags\":[\"UPPER\"]}]")]
    [InlineData("[{\"Config\":\"c.json\",\"Layers\":[\"l\"],\"RepoTags\":[null]}]")]
    [InlineData("[{\"Config\":\"../../../etc/passwd\",\"Layers\":[\"l\"]}]")]
    public async Task A_docker_manifest_of_wrong_shape_is_refused(string manifest) =>
        await Refused(TestImage.Archive(new() { ["c.json"] = new TestImage().Layer(Layer).Config(), ["l"] = Layer, ["manifest.json"] = Encoding.UTF8.GetBytes(manifest) }));

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"manifests\":[null]}")]
    [InlineData("{\"manifests\":[{}]}")]
    [InlineData("{\"manifests\":[{\"digest\":\"sha256:../../x\",\"size\":1}]}")]
    [InlineData("{\"manifests\":{},\"layers\":[]}")]
    [InlineData("{\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"size\":-1}]}")]
    public async Task An_oci_index_of_wrong_shape_is_refused(string index) =>
        await Refused(TestImage.Archive(new() { ["oci-layout"] = "{}"u8.ToArray(), ["index.json"] = Encoding.UTF8.GetBytes(index) }));

    [Theory]
    [InlineData("null")]
    [InlineData("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"\"]}}")]
    [InlineData("{\"rootfs\":{\"type\":\"magic\",\"diff_ids\":[]}}")]
    [InlineData("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[null]}}")]
    public async Task A_configuration_of_wrong_shape_is_refused(string config) =>
        await Refused(TestImage.Archive(new() { ["c.json"] = Encoding.UTF8.GetBytes(config), ["l"] = Layer, ["manifest.json"] = """[{"Config":"c.json","Layers":["l"]}]"""u8.ToArray() }));

    [Fact]
    public async Task CVE_2021_41190_a_document_that_is_two_things_is_refused()
    {
        var both = """{"schemaVersion":2,"manifests":[],"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0},"layers":[]}"""u8.ToArray();
        foreach (var mediaType in new[] { MediaTypes.OciManifest, MediaTypes.OciIndex })
        {
            var files = new Dictionary<string, byte[]> { [$"blobs/sha256/{Digest.Of(both).Hex}"] = both, ["index.json"] = Index(new Descriptor { MediaType = mediaType, Digest = Digest.Of(both), Size = both.Length }) };
            (await Refused(TestImage.Archive(files))).Message.ShouldContain("which its kind of document must not have");
        }
    }

    [Theory]
    [InlineData("sha256:")]
    [InlineData("")]
    [InlineData("sha256:zz")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    public async Task CVE_2026_95839_a_malformed_subject_digest_is_refused(string digest)
    {
        var files = new TestImage().Layer(Layer).OciFiles("a", null, nested: false, MediaTypes.OciManifest);
        var path = files.Keys.Single(key => files[key].AsSpan().IndexOf("schemaVersion"u8) >= 0 && key.StartsWith("blobs/", StringComparison.Ordinal));
        var manifest = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(files[path])[..^1] + ",\"subject\":{\"mediaType\":\"x\",\"digest\":\"" + digest + "\",\"size\":1}}");
        files.Remove(path);
        files[$"blobs/sha256/{Digest.Of(manifest).Hex}"] = manifest;
        files["index.json"] = Index(new Descriptor { MediaType = MediaTypes.OciManifest, Digest = Digest.Of(manifest), Size = manifest.Length });

        (await Refused(TestImage.Archive(files))).Kind.ShouldBe(StorageError.Corrupt);
    }

    [Fact]
    public async Task GO_2026_6597_indexes_that_multiply_are_stopped()
    {
        // Each level names the one below ten times: 10^n manifests in n small documents.
        var files = new Dictionary<string, byte[]>();
        var below = new Descriptor { MediaType = MediaTypes.OciIndex, Digest = Digest.Of("{\"manifests\":[]}"u8), Size = 16 };
        files[$"blobs/sha256/{below.Digest.Hex}"] = "{\"manifests\":[]}"u8.ToArray();
        for (var level = 0; level < 8; level++)
        {
            var index = Index([.. Enumerable.Repeat(below, 10)]);
            below = new Descriptor { MediaType = MediaTypes.OciIndex, Digest = Digest.Of(index), Size = index.Length };
            files[$"blobs/sha256/{below.Digest.Hex}"] = index;
        }
        files["index.json"] = Index(below);

        (await Refused(TestImage.Archive(files))).Kind.ShouldBe(StorageError.InvalidInput);
    }

    [Fact]
    public async Task Documents_and_layer_counts_are_bounded()
    {
        (await Refused(TestImage.Archive(new() { ["manifest.json"] = new byte[100_001] }))).Message.ShouldContain("more than the 100000 allowed");

        var many = new TestImage();
        for (var i = 0; i < 11; i++)
            many.Layer(Layer);
        (await Refused(many.ToDockerArchive("many"))).Message.ShouldContain("11 layers, more than the 10");
    }

    [Fact]
    public async Task A_hostile_second_layer_undoes_the_first()
    {
        var refused = await Refused(new TestImage().Layer(Layer).Layer(new TestLayer().File("../../../escape", "x").ToTar()).ToDockerArchive("a"));

        refused.Message.ShouldContain("'../../../escape' in the archive leads out of the layer");
    }

    [Fact]
    public async Task One_bad_image_in_an_archive_takes_the_good_ones_with_it()
    {
        var good = new TestImage().Layer(Layer);
        var bad = new TestImage().Layer("this is no tar"u8.ToArray());

        await Refused(TestImage.DockerArchive((good, ["good"]), (bad, ["bad"])));
    }

    [Fact]
    public async Task Devices_and_links_in_the_outer_archive_lead_nowhere()
    {
        (await Refused(new TestLayer().Device("manifest.json", 1, 3).ToTar())).Message.ShouldContain("is a device");
        await Refused(new TestLayer().Symlink("manifest.json", "/etc/passwd").ToTar());
        await Refused(new TestLayer().Symlink("manifest.json", "manifest.json").ToTar());
        await Refused(new TestLayer().Symlink("manifest.json", "../../../../etc/passwd").ToTar());
    }

    [Fact]
    public async Task Random_damage_is_refused_or_harmless_but_never_breaks_the_store()
    {
        // CVE-2021-21285: a malformed image must not take the daemon down.
        var archive = new TestImage().Layer(Layer).ToOciLayout("a", TestImage.Gzip);
        var random = new Random(4711);
        for (var i = 0; i < 150; i++)
        {
            var damaged = (byte[])archive.Clone();
            for (var n = 0; n <= i % 4; n++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                await _store.LoadAsync(new MemoryStream(damaged), null, CancellationToken.None);
                foreach (var image in _store.List())
                    _store.Remove(image.Id.ToString(), force: true, noPrune: false, _ => null);
            }
            catch (StorageException refused)
            {
                refused.Message.ShouldNotBeNullOrEmpty();
            }
            IsEmpty();
        }
    }

    [Fact]
    public async Task A_blob_damaged_on_disk_is_told_and_the_other_images_stay()
    {
        var good = new TestImage().Layer(Layer);
        var bad = new TestImage { Defaults = new ImageDefaults { Cmd = ["other"] } }.Layer(Layer);
        await _store.LoadAsync(new MemoryStream(TestImage.DockerArchive((good, ["good"]), (bad, ["bad"]))), null, CancellationToken.None);
        File.WriteAllText(In("data/content/blobs/sha256/" + bad.Id.Hex), "{}");

        var again = ImageStoreTests.OpenStore(In("data"));

        again.Find("good").ShouldNotBeNull();
        again.Find("bad").ShouldBeNull();
        again.Damaged.ShouldHaveSingleItem().ShouldContain("is damaged on disk");
    }

    private static byte[] Index(params Descriptor[] manifests) =>
        JsonSerializer.SerializeToUtf8Bytes(new ImageIndex { SchemaVersion = 2, Manifests = manifests }, OciImageJson.Default.ImageIndex);

    private async Task<StorageException> Refused(byte[] archive)
    {
        var refused = await Should.ThrowAsync<StorageException>(() => _store.LoadAsync(new MemoryStream(archive), null, CancellationToken.None));
        IsEmpty();
        return refused;
    }

    private void IsEmpty()
    {
        _store.List().ShouldBeEmpty();
        Directory.GetFileSystemEntries(In("data/layers")).ShouldBeEmpty();
        Directory.GetFiles(In("data/content"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }
}
