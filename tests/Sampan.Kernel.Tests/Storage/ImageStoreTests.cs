using Sampan.Oci.Images;
using Sampan.Storage;
using Sampan.Storage.Archives;
using Sampan.Storage.Images;
using Sampan.Storage.Images.Changes;

namespace Sampan.Kernel.Tests.Storage;

public sealed class ImageStoreTests : StorageTest
{
    private static readonly byte[] Base = new TestLayer().Directory("etc/").File("etc/base", "base").ToTar();
    private static readonly byte[] Top = new TestLayer().Directory("etc/").File("etc/top", "top").ToTar();
    private static readonly byte[] Other = new TestLayer().File("other", "something else").ToTar();

    private readonly ImageStore _store;

    public ImageStoreTests() => _store = Open();

    [Fact]
    public async Task A_docker_archive_is_loaded_with_all_its_names()
    {
        var image = new TestImage().Layer(Base).Layer(Top);

        var loaded = await Load(image.ToDockerArchive("demo:1", "localhost:5000/demo:latest"));

        loaded.ShouldHaveSingleItem().Names.Select(name => name.Familiar).ShouldBe(["demo:1", "localhost:5000/demo:latest"]);
        var found = _store.Find("demo:1").ShouldNotBeNull();
        found.Id.ShouldBe(image.Id);
        found.RepoTags.Select(tag => tag.Familiar).ShouldBe(["demo:1", "localhost:5000/demo:latest"]);
        found.RepoDigests.ShouldBeEmpty();
        found.Size.ShouldBe(7);
        found.Config.Config.Cmd.ShouldBe(["sh"]);
        found.DiffIds.ShouldBe([Digest.Of(Base), Digest.Of(Top)]);
        _store.ReadConfig(image.Id).ShouldBe(image.Config());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("none")]
    public async Task An_archive_may_be_compressed_as_a_whole(string how)
    {
        var archive = new TestImage().Layer(Base).ToDockerArchive("demo");

        await Load(how switch { "gzip" => TestImage.Gzip(archive), "zstd" => TestImage.Zstd(archive), _ => archive });

        _store.Find("demo").ShouldNotBeNull();
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("none")]
    public async Task An_oci_layout_is_loaded_whatever_its_layers_compression(string how)
    {
        var image = new TestImage().Layer(Base).Layer(Top);

        await Load(image.ToOciLayout("docker.io/library/demo:oci", how switch { "gzip" => TestImage.Gzip, "zstd" => TestImage.Zstd, _ => null }));

        var found = _store.Find("demo:oci").ShouldNotBeNull();
        found.Id.ShouldBe(image.Id);
        found.RepoDigests.ShouldHaveSingleItem().Familiar.ShouldBe($"demo@{found.Manifest!.Digest}");
        _store.Find($"demo@{found.Manifest.Digest}")!.Id.ShouldBe(image.Id);
        _store.Find(found.Manifest.Digest.ToString())!.Id.ShouldBe(image.Id);
    }

    [Fact]
    public async Task Of_an_image_for_several_platforms_this_machines_is_taken()
    {
        var image = new TestImage().Layer(Base);

        await Load(image.ToOciLayout("demo:multi", TestImage.Gzip, nested: true));

        _store.Find("demo:multi")!.Id.ShouldBe(image.Id);
    }

    [Fact]
    public async Task Dockers_schema_2_media_types_are_read()
    {
        await Load(new TestImage().Layer(Base).ToOciLayout("demo:s2", TestImage.Gzip, manifestType: MediaTypes.DockerManifest));

        _store.Find("demo:s2").ShouldNotBeNull();
    }

    [Fact]
    public async Task An_image_for_another_platform_only_is_refused_by_name()
    {
        var image = new TestImage { Architecture = "s390x" }.Layer(Base);

        (await Refused(image.ToOciLayout("demo"))).ShouldSatisfyAllConditions(
            e => e.Kind.ShouldBe(StorageError.NotSupported),
            e => e.Message.ShouldBe($"the archive has no image for {Platform.Current}, only for linux/s390x"));
    }

    [Fact]
    public async Task Windows_images_are_refused() =>
        (await Refused(new TestImage { Os = "windows" }.Layer(Base).ToDockerArchive("w"))).Message.ShouldBe("cannot load windows image on linux");

    [Fact]
    public async Task Images_survive_a_restart_and_leftovers_do_not()
    {
        await Load(new TestImage().Layer(Base).Layer(Top).ToDockerArchive("demo"));
        Directory.CreateDirectory(In("data/layers/999"));
        File.WriteAllText(In("data/layers/999/half"), "unpacked");
        File.WriteAllText(In("data/content/ingest/7"), "half a blob");
        File.WriteAllText(In("data/content/blobs/sha256/" + Digest.Of("lost"u8).Hex), "lost");

        var again = Open();

        again.Damaged.ShouldBeEmpty();
        again.Find("demo")!.Layers.Count.ShouldBe(2);
        Directory.Exists(In("data/layers/999")).ShouldBeFalse();
        Directory.GetFiles(In("data/content/ingest")).ShouldBeEmpty();
        File.Exists(In("data/content/blobs/sha256/" + Digest.Of("lost"u8).Hex)).ShouldBeFalse();
    }

    [Fact]
    public async Task Layers_are_shared_between_images()
    {
        await Load(TestImage.DockerArchive((new TestImage().Layer(Base).Layer(Top), ["a"]), (new TestImage().Layer(Base).Layer(Other), ["b"]), (new TestImage().Layer(Base), ["c"])));

        Directory.GetDirectories(In("data/layers")).Length.ShouldBe(3);
        _store.List().Count.ShouldBe(3);
        _store.LayersSize().ShouldBe(4 + 3 + 14);
    }

    [Fact]
    public async Task Removing_the_last_reference_removes_what_is_not_shared()
    {
        await Load(TestImage.DockerArchive((new TestImage().Layer(Base).Layer(Top), ["a"]), (new TestImage().Layer(Base).Layer(Other), ["b"])));

        var removal = Remove("a");
        removal.Untagged.ShouldBe(["a:latest"]);
        removal.Deleted.Count.ShouldBe(2); // the image and its upper layer
        Directory.GetDirectories(In("data/layers")).Length.ShouldBe(2);

        Remove("b").Deleted.Count.ShouldBe(3);
        IsEmpty();
    }

    [Fact]
    public async Task Files_below_the_data_root_are_only_the_owners()
    {
        await Load(new TestImage().Layer(Base).ToDockerArchive("demo"));

        foreach (var directory in new[] { "data", "data/images", "data/layers", "data/content", "data/snapshots" })
            File.GetUnixFileMode(In(directory)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, directory);
    }

    [Fact]
    public async Task A_name_that_moves_leaves_the_old_image_without()
    {
        var lines = new List<string>();
        var old = (await Load(new TestImage().Layer(Base).ToDockerArchive("demo")))[0].Image;
        await _store.LoadAsync(new MemoryStream(new TestImage().Layer(Other).ToDockerArchive("demo")), new Lines(lines), CancellationToken.None);

        _store.Find(old.Id.ToString())!.IsDangling.ShouldBeTrue();
        lines.ShouldContain($"The image demo:latest already exists, renaming the old one with ID {old.Id} to empty string");
        Remove(old.Id.Short).Deleted.ShouldContain(old.Id.ToString());
    }

    [Fact]
    public async Task Images_are_found_by_what_people_write()
    {
        var id = (await Load(new TestImage().Layer(Base).ToDockerArchive("docker.io/library/demo:v1")))[0].Image.Id;

        foreach (var text in new[] { "demo:v1", "library/demo:v1", "docker.io/demo:v1", id.ToString(), id.Hex, id.Short, id.Hex[..3], "sha256:" + id.Hex[..7] })
            _store.Find(text).ShouldNotBeNull(text).Id.ShouldBe(id);
        foreach (var text in new[] { "demo", "demo:v2", "", "sha256:", "zzz", new string('0', 64), "../../etc", "demo@" + Digest.Of([]) })
            _store.Find(text).ShouldBeNull(text);
    }

    [Fact]
    public async Task A_prefix_that_fits_several_images_is_ambiguous()
    {
        for (var i = 0; i < 40; i++)
            await Load(new TestImage { Defaults = new ImageDefaults { Env = [$"N={i}"] } }.Layer(Base).ToDockerArchive());
        var prefix = _store.List().GroupBy(image => image.Id.Hex[..1]).First(group => group.Count() > 1).Key;

        Should.Throw<StorageException>(() => _store.Find(prefix)).ShouldSatisfyAllConditions(
            e => e.Kind.ShouldBe(StorageError.InvalidInput), e => e.Message.ShouldContain("ambiguous"));
    }

    [Fact]
    public async Task Tagging_adds_moves_and_refuses()
    {
        var image = (await Load(new TestImage().Layer(Base).ToDockerArchive("demo")))[0].Image;

        _store.Tag("demo", ImageReference.Parse("other:2")).RepoTags.Select(tag => tag.Familiar).ShouldBe(["demo:latest", "other:2"]);
        Open().Find("other:2")!.Id.ShouldBe(image.Id);
        Should.Throw<StorageException>(() => _store.Tag("nothing", ImageReference.Parse("x"))).Message.ShouldBe("No such image: nothing:latest");
        Should.Throw<StorageException>(() => _store.Tag("demo", ImageReference.Parse("x@" + image.Id))).Kind.ShouldBe(StorageError.InvalidInput);
    }

    [Fact]
    public async Task History_tells_steps_with_sizes_and_names()
    {
        await Load(new TestImage().Layer(Base).Layer(Top).ToDockerArchive("demo"));

        var lines = _store.History("demo");

        lines.Select(line => line.Step.CreatedBy).ShouldBe(["CMD", "step 1", "step 0"]);
        lines.Select(line => line.Size).ShouldBe([0, 3, 4]);
        lines[0].Tags.ShouldBe(["demo:latest"]);
        lines[1].Id.ShouldBeNull();
    }

    [Fact]
    public async Task Import_makes_an_image_of_a_tar_with_changes()
    {
        foreach (var (tar, name) in new[] { (Base, "plain"), (TestImage.Gzip(Base), "gz"), (TestImage.Zstd(Base), "zst") })
        {
            var image = await _store.ImportAsync(
                new MemoryStream(tar),
                new ImageImport { Name = ImageReference.Parse(name), Changes = ["CMD [\"/bin/sh\"]", "ENV A=1 B='two words'", "EXPOSE 80 53/udp", "WORKDIR /srv", "LABEL k=v"], Message = "from tar" },
                CancellationToken.None);

            image.DiffIds.ShouldBe([Digest.Of(Base)]);
            image.Config.Config.Env.ShouldBe(["A=1", "B=two words"]);
            image.Config.Config.ExposedPorts.ShouldBe(["80/tcp", "53/udp"]);
            image.Config.Config.WorkingDir.ShouldBe("/srv");
            image.Config.History.ShouldHaveSingleItem().Comment.ShouldBe("from tar");
            Open().Find(name)!.Id.ShouldBe(image.Id);
        }
        Directory.GetDirectories(In("data/layers")).Length.ShouldBe(1);
    }

    [Fact]
    public async Task An_import_that_cannot_be_used_leaves_nothing()
    {
        await Should.ThrowAsync<StorageException>(() => _store.ImportAsync(new MemoryStream("no tar at all"u8.ToArray()), new ImageImport(), CancellationToken.None));
        await Should.ThrowAsync<StorageException>(() => _store.ImportAsync(new MemoryStream(Base[..600]), new ImageImport(), CancellationToken.None));
        (await Should.ThrowAsync<StorageException>(() => _store.ImportAsync(new MemoryStream(Base), new ImageImport { Changes = ["RUN x"] }, CancellationToken.None)))
            .Message.ShouldBe("invalid change 'RUN x': RUN is not a valid change command");
        IsEmpty();
    }

    [Fact]
    public async Task Loading_can_be_cancelled_and_leaves_nothing()
    {
        using var cancel = new CancellationTokenSource();
        var archive = new TestImage().Layer(Base).ToDockerArchive("demo");

        var loading = _store.LoadAsync(new StallingStream(archive[..(archive.Length / 2)]), null, cancel.Token);
        cancel.Cancel();

        await Should.ThrowAsync<OperationCanceledException>(() => loading);
        IsEmpty();
    }

    [Fact]
    public async Task Two_loads_at_once_share_their_layers()
    {
        var a = new TestImage().Layer(Base).Layer(Top).ToDockerArchive("a");
        var b = new TestImage().Layer(Base).Layer(Other).ToDockerArchive("b");

        await Task.WhenAll(Load(a), Load(b), Load(a));

        _store.List().Count.ShouldBe(2);
        Directory.GetDirectories(In("data/layers")).Length.ShouldBe(3);
    }

    internal static ImageStore OpenStore(string dataRoot, ArchiveLimits? limits = null) => ImageStore.Open(dataRoot, TimeProvider.System, limits);

    private ImageStore Open() => OpenStore(In("data"));

    private Task<IReadOnlyList<LoadedImage>> Load(byte[] archive) => _store.LoadAsync(new MemoryStream(archive), null, CancellationToken.None);

    private async Task<StorageException> Refused(byte[] archive)
    {
        var refused = await Should.ThrowAsync<StorageException>(() => Load(archive));
        IsEmpty();
        return refused;
    }

    private ImageRemoval Remove(string name) => _store.Remove(name, force: false, noPrune: false, _ => null);

    private void IsEmpty()
    {
        _store.List().ShouldBeEmpty();
        Directory.GetFileSystemEntries(In("data/layers")).ShouldBeEmpty();
        Directory.GetFiles(In("data/content"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
        Directory.GetFiles(In("data/images")).Where(file => !file.EndsWith("references.json", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private sealed class Lines(List<string> lines) : IProgress<string>
    {
        public void Report(string value) => lines.Add(value);
    }

    /// <summary>Gives its content, then waits until it is cancelled.</summary>
    private sealed class StallingStream(byte[] content) : MemoryStream(content)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            if (count == 0)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            return count;
        }
    }
}
