using Sampan.Oci.Images;
using Sampan.Storage;
using Sampan.Storage.Images;
using Sampan.Storage.Snapshots;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Docker's rules of <c>rmi</c>, with Docker's words.</summary>
public sealed class ImageRemovalTests : StorageTest
{
    private const string ContainerId = "0123456789abcdef0123456789abcdef";

    private readonly ImageStore _store;
    private readonly ImageRecord _image;

    public ImageRemovalTests()
    {
        _store = ImageStoreTests.OpenStore(In("data"));
        var layer = new TestLayer().File("f", "x").ToTar();
        _image = _store.LoadAsync(new MemoryStream(new TestImage().Layer(layer).ToDockerArchive("demo:1")), null, CancellationToken.None).GetAwaiter().GetResult()[0].Image;
    }

    [Fact]
    public void By_name_only_that_name_goes_while_others_are_left()
    {
        Tag("demo:2");
        Tag("other:1");

        var removal = Remove("demo:1");

        removal.Untagged.ShouldBe(["demo:1"]);
        removal.Deleted.ShouldBeEmpty();
        _store.Find("other:1").ShouldNotBeNull();
    }

    [Fact]
    public void By_id_an_image_with_names_in_two_repositories_needs_force()
    {
        Tag("other:1");

        Conflict(_image.Id.Short).ShouldBe($"conflict: unable to delete {_image.Id.Short} (must be forced) - image is referenced in multiple repositories");
        _store.Find("demo:1").ShouldNotBeNull();
        var removal = Remove(_image.Id.Short, force: true);
        removal.Untagged.ShouldBe(["demo:1", "other:1"]);
        removal.Deleted[0].ShouldBe(_image.Id.ToString());
    }

    [Fact]
    public void By_id_an_image_with_one_name_goes_with_it()
    {
        var removal = Remove(_image.Id.ToString());

        removal.Untagged.ShouldBe(["demo:1"]);
        removal.Deleted.ShouldBe([_image.Id.ToString(), _image.Layers[0].ChainId.ToString()]);
        _store.List().ShouldBeEmpty();
    }

    [Fact]
    public void The_last_name_of_an_image_that_a_container_uses_stays_unless_forced()
    {
        Conflict("demo:1", running: false).ShouldBe(
            $"conflict: unable to remove repository reference \"demo:1\" (must force) - container 0123456789ab is using its referenced image {_image.Id.Short}");
        Conflict(_image.Id.Short, running: false).ShouldBe($"conflict: unable to delete {_image.Id.Short} (must be forced) - image is being used by stopped container 0123456789ab");
        _store.Find("demo:1").ShouldNotBeNull();

        Remove("demo:1", force: true, running: false).Deleted.ShouldContain(_image.Id.ToString());
    }

    [Fact]
    public void A_running_container_keeps_the_image_also_against_force()
    {
        Conflict(_image.Id.Short, running: true, force: true).ShouldBe($"conflict: unable to delete {_image.Id.Short} (cannot be forced) - image is being used by running container 0123456789ab");

        // By name the name goes, as in Docker; the image stays.
        var removal = Remove("demo:1", force: true, running: true);
        removal.Untagged.ShouldBe(["demo:1"]);
        removal.Deleted.ShouldBeEmpty();
        _store.Find(_image.Id.Short).ShouldNotBeNull().IsDangling.ShouldBeTrue();
    }

    [Fact]
    public void While_a_snapshot_is_made_its_layers_stay_whoever_removes_the_image()
    {
        var layer = _image.Layers[0].ChainId;

        _store.Pin(_image.Id, () =>
        {
            Remove("demo:1").Deleted.ShouldBe([_image.Id.ToString()]);
            _store.Layers.Find(layer).ShouldNotBeNull();
            _store.Snapshots.Save("made", new SnapshotRecord { Driver = "test", Layers = [layer] });
        });
        _store.Release([layer]);

        _store.Layers.Find(layer).ShouldNotBeNull();
        _store.Snapshots.Remove("made");
        _store.Release([layer]);
        _store.Layers.Find(layer).ShouldBeNull();
    }

    [Fact]
    public void A_snapshot_that_is_not_made_leaves_no_layers_of_an_image_that_is_gone()
    {
        var layer = _image.Layers[0].ChainId;

        Should.Throw<IOException>(() => _store.Pin(_image.Id, () =>
        {
            Remove("demo:1");
            throw new IOException("refused");
        }));

        _store.Layers.Find(layer).ShouldBeNull();
    }

    [Fact]
    public void One_of_several_names_goes_whoever_uses_the_image()
    {
        Tag("demo:2");

        Remove("demo:2", running: true).Untagged.ShouldBe(["demo:2"]);
    }

    [Fact]
    public void What_is_not_there_is_told_in_dockers_words()
    {
        Should.Throw<StorageException>(() => Remove("nothing")).ShouldSatisfyAllConditions(
            e => e.Kind.ShouldBe(StorageError.NotFound), e => e.Message.ShouldBe("No such image: nothing:latest"));
        Should.Throw<StorageException>(() => Remove("Upper")).ShouldSatisfyAllConditions(
            e => e.Kind.ShouldBe(StorageError.InvalidInput), e => e.Message.ShouldBe("invalid reference format: repository name (library/Upper) must be lowercase"));
    }

    [Fact]
    public async Task Names_by_digest_go_with_the_repositorys_last_tag()
    {
        var layer = new TestLayer().File("g", "y").ToTar();
        var image = (await _store.LoadAsync(new MemoryStream(new TestImage().Layer(layer).ToOciLayout("docker.io/library/oci:1")), null, CancellationToken.None))[0].Image;

        var removal = Remove("oci:1");

        removal.Untagged.ShouldBe(["oci:1", $"oci@{image.Manifest!.Digest}"]);
        removal.Deleted[0].ShouldBe(image.Id.ToString());
    }

    [Fact]
    public async Task A_forced_removal_leaves_a_stopped_containers_layers()
    {
        var snapshots = OverlaySnapshotter.Open(_store);
        await snapshots.PrepareAsync("c1", _image, CancellationToken.None);

        var removal = Remove("demo:1", force: true, running: false);

        removal.Deleted.ShouldBe([_image.Id.ToString()]);
        using (var view = snapshots.OpenView("c1"))
            view.ReadFile("/f", 10).ShouldBe("x"u8.ToArray());
        snapshots.Remove("c1");
        Directory.GetFileSystemEntries(In("data/layers")).ShouldBeEmpty();
    }

    private void Tag(string name) => _store.Tag("demo:1", ImageReference.Parse(name));

    private ImageRemoval Remove(string name, bool force = false, bool? running = null) =>
        _store.Remove(name, force, noPrune: false, _ => running is { } r ? new ImageUse(ContainerId, r) : null);

    private string Conflict(string name, bool? running = null, bool force = false)
    {
        var conflict = Should.Throw<StorageException>(() => Remove(name, force, running));
        conflict.Kind.ShouldBe(StorageError.Conflict);
        return conflict.Message;
    }
}
