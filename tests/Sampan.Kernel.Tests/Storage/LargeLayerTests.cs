using Sampan.Oci.Images;
using Sampan.Storage;
using Sampan.Storage.Images;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Layers of a build that are large enough to be unpacked while they are written.</summary>
public sealed class LargeLayerTests : StorageTest
{
    private static readonly string Large = new('x', 3 << 20);

    private readonly ImageStore _store;

    public LargeLayerTests() => _store = ImageStore.Open(In("data"), TimeProvider.System);

    [Fact]
    public async Task It_lies_on_what_is_below_as_a_small_one_does()
    {
        var ct = TestContext.Current.CancellationToken;
        var below = await StackAsync(null, new TestLayer().Directory("etc/").File("etc/base", "base").ToTar());
        var bytes = new TestLayer().File("etc/large", Large).File("etc/last", "last").ToTar();

        var step = await StackAsync(below, bytes);

        step.DiffIds.ShouldBe([.. below.DiffIds, Digest.Of(bytes)]);
        using var view = _store.TryOpenView(step).ShouldNotBeNull();
        view.ReadFile("/etc/large", 4 << 20).ShouldBe(System.Text.Encoding.ASCII.GetBytes(Large));
        view.ReadFile("/etc/last", 10).ShouldBe("last"u8.ToArray());
        view.ReadFile("/etc/base", 10).ShouldBe("base"u8.ToArray());
        // The same again is the same, and leaves nothing beside it.
        (await StackAsync(below, bytes)).Id.ShouldBe(step.Id);
        (await _store.StackAsync(await StackAsync(below, bytes), Platform.Current, null, ct)).Id.ShouldBe(step.Id);
        Directory.GetDirectories(In("data/layers")).Length.ShouldBe(2);
        Directory.GetFiles(In("data/content/ingest")).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_whose_writer_fails_leaves_nothing()
    {
        var bytes = new TestLayer().File("large", Large).ToTar();
        var failed = await Should.ThrowAsync<InvalidOperationException>(() => _store.StackAsync(null, Platform.Current, tar =>
        {
            tar.Write(bytes, 0, 2 << 20);
            throw new InvalidOperationException("the source is gone");
        }, TestContext.Current.CancellationToken));

        failed.Message.ShouldBe("the source is gone");
        ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_cannot_be_unpacked_is_told_and_leaves_nothing()
    {
        var bytes = new TestLayer().File("large", Large).File("../out", "x").ToTar();
        (await Should.ThrowAsync<StorageException>(() => StackAsync(null, bytes))).Message.ShouldContain("../out");
        ShouldBeEmpty();
    }

    [Fact]
    public async Task An_image_that_is_known_is_composed_again_with_other_names()
    {
        var ct = TestContext.Current.CancellationToken;
        var files = await StackAsync(null, new TestLayer().File("a", "a").ToTar());
        var config = new ImageConfig { Architecture = "amd64", Os = "linux", RootFs = new RootFileSystem { Type = "layers", DiffIds = [] } };
        ImageReference.TryParse("first:1", out var first, out _).ShouldBeTrue();
        ImageReference.TryParse("second:2", out var second, out _).ShouldBeTrue();

        var image = await _store.ComposeAsync(files, config, [first], new Dictionary<string, string>(), ct);
        (await _store.ComposeAsync(files, config, [first, second], new Dictionary<string, string>(), ct)).Id.ShouldBe(image.Id);

        _store.Find("second:2")!.Id.ShouldBe(image.Id);
        var again = ImageStore.Open(In("data"), TimeProvider.System);
        again.Find("first:1")!.RepoTags.Select(tag => tag.Familiar).Order(StringComparer.Ordinal).ShouldBe(["first:1", "second:2"]);
    }

    private Task<ImageRecord> StackAsync(ImageRecord? below, byte[] tar) => _store.StackAsync(below, Platform.Current, output => output.Write(tar), TestContext.Current.CancellationToken);

    private void ShouldBeEmpty()
    {
        Directory.GetDirectories(In("data/layers")).ShouldBeEmpty();
        Directory.GetFiles(In("data/content/ingest")).ShouldBeEmpty();
        OpenDescriptors().ShouldBe(0);
    }
}
