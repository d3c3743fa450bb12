using System.Text;
using System.Text.Json;
using Sampan.Oci.Images;
using Sampan.Storage;
using Sampan.Storage.Images;

namespace Sampan.Kernel.Tests.Storage;

public sealed class ImageSavingTests : StorageTest
{
    private static readonly byte[] Base = new TestLayer().Directory("etc/").File("etc/base", "base").ToTar();
    private static readonly byte[] Top = new TestLayer().File("etc/top", new string('t', 5000)).ToTar();

    private readonly ImageStore _store;

    public ImageSavingTests() => _store = ImageStoreTests.OpenStore(In("data"));

    [Fact]
    public async Task A_saved_image_loads_again_the_same_into_another_store()
    {
        await Load(_store, new TestImage().Layer(Base).Layer(Top).ToOciLayout("docker.io/library/demo:1", TestImage.Gzip));
        var original = _store.Find("demo:1")!;

        var archive = await Save("demo:1");

        var other = ImageStoreTests.OpenStore(In("other"));
        (await Load(other, archive)).ShouldHaveSingleItem().Names.ShouldHaveSingleItem().Familiar.ShouldBe("demo:1");
        var copy = other.Find("demo:1")!;
        copy.Id.ShouldBe(original.Id);
        copy.Layers.ShouldBe(original.Layers);
        (await Save("demo:1")).ShouldBe(archive);
    }

    [Fact]
    public async Task The_archive_is_also_an_oci_layout()
    {
        await Load(_store, new TestImage().Layer(Base).ToDockerArchive("demo:1"));
        var files = TestLayer.ReadTar(await Save("demo:1"));

        var index = JsonSerializer.Deserialize(files["index.json"], OciImageJson.Default.ImageIndex)!;
        var descriptor = index.Manifests.ShouldHaveSingleItem();
        descriptor.Annotation("io.containerd.image.name").ShouldBe("docker.io/library/demo:1");
        files[$"blobs/sha256/{descriptor.Digest.Hex}"].Length.ShouldBe((int)descriptor.Size);
        Digest.Of(files[$"blobs/sha256/{descriptor.Digest.Hex}"]).ShouldBe(descriptor.Digest);

        // As an OCI layout alone it loads as well.
        files.Remove("manifest.json");
        var other = ImageStoreTests.OpenStore(In("other"));
        await Load(other, TestImage.Archive(files.Where(file => !file.Key.EndsWith('/')).ToDictionary()));
        other.Find("demo:1")!.Id.ShouldBe(_store.Find("demo:1")!.Id);
    }

    [Fact]
    public async Task Several_images_share_their_blobs()
    {
        await Load(_store, TestImage.DockerArchive((new TestImage().Layer(Base), ["a:1", "a:2"]), (new TestImage().Layer(Base).Layer(Top), ["b"])));

        var archive = await Save("a", "b");

        var files = TestLayer.ReadTar(archive);
        files.Keys.Count(key => key.StartsWith("blobs/sha256/", StringComparison.Ordinal) && !key.EndsWith('/')).ShouldBe(2 + 2 + 2);
        Encoding.UTF8.GetString(files["manifest.json"]).ShouldContain("\"RepoTags\":[\"a:1\",\"a:2\"]");
        var loaded = await Load(ImageStoreTests.OpenStore(In("other")), archive);
        loaded.SelectMany(image => image.Names).Select(name => name.Familiar).ShouldBe(["a:1", "a:2", "b:latest"]);
    }

    [Fact]
    public async Task By_identity_it_has_no_name()
    {
        var image = (await Load(_store, new TestImage().Layer(Base).ToDockerArchive("demo")))[0].Image;

        var loaded = await Load(ImageStoreTests.OpenStore(In("other")), await Save(image.Id.Short));

        loaded.ShouldHaveSingleItem().Names.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_not_there_is_told_before_anything_is_written()
    {
        using var output = new MemoryStream();

        (await Should.ThrowAsync<StorageException>(() => _store.SaveAsync(["nothing"], output, CancellationToken.None))).Kind.ShouldBe(StorageError.NotFound);
        output.Length.ShouldBe(0);
    }

    [Fact]
    public async Task A_receiver_that_goes_away_ends_the_saving()
    {
        await Load(_store, new TestImage().Layer(new TestLayer().File("big", new byte[20_000_000]).ToTar()).ToDockerArchive("demo"));

        await Should.ThrowAsync<IOException>(() => _store.SaveAsync(["demo"], new BrokenStream(), CancellationToken.None));
    }

    private async Task<byte[]> Save(params string[] names)
    {
        using var output = new MemoryStream();
        await _store.SaveAsync(names, output, CancellationToken.None);
        return output.ToArray();
    }

    private static Task<IReadOnlyList<LoadedImage>> Load(ImageStore store, byte[] archive) => store.LoadAsync(new MemoryStream(archive), null, CancellationToken.None);

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("broken pipe");
    }
}
