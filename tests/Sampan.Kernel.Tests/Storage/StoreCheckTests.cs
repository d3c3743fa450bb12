using System.Diagnostics;
using Sampan.Storage;
using Sampan.Storage.Collection;
using Sampan.Storage.Images;
using Sampan.Storage.Images.Explanations;
using Sampan.Storage.Snapshots;
using Sampan.Storage.Volumes;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>The ledger of bytes, the check of the store, the explanation of images.</summary>
public sealed class StoreCheckTests : StorageTest
{
    private readonly ImageStore _store;
    private readonly byte[] _archive;
    private readonly ImageRecord _image;

    public StoreCheckTests()
    {
        var below = new TestLayer().Directory("etc/").File("etc/kept", new string('k', 5000)).File("etc/replaced", new string('r', 4000)).File("gone", new string('g', 3000)).Symlink("link", "etc/kept").HardLink("hard", "gone").ToTar();
        var above = new TestLayer().File("etc/replaced", new string('n', 1000)).File(".wh.gone").File("added", new byte[100_000]).ToTar();
        _archive = new TestImage().Layer(below).Layer(above).ToDockerArchive("demo");
        _store = ImageStoreTests.OpenStore(In("data"));
        _image = Load()[0].Image;
    }

    [Fact]
    public void The_ledgers_lines_are_together_what_du_says()
    {
        var lines = _store.Ledger(_ => false);

        lines.Sum(line => line.Bytes).ShouldBe(Du("content") + Du("layers") + Du("images"));
        lines.Where(line => line.Kind == LedgerKind.Layer).ShouldAllBe(line => line.Reason == "unpacked layer of demo:latest" && line.IsReclaimable);
        lines.Count(line => line.Kind == LedgerKind.Blob).ShouldBe(3);
        lines.Select(line => line.Path).Distinct().Count().ShouldBe(lines.Count);
        _store.Ledger(_ => true).Where(line => line.Kind is LedgerKind.Layer or LedgerKind.Blob).ShouldAllBe(line => !line.IsReclaimable);
    }

    [Fact]
    public async Task A_sound_store_gives_no_finding_and_stays_as_it_is()
    {
        var before = Listing();

        var check = await CheckAsync(repair: true);

        check.Findings.ShouldBeEmpty();
        (check.Blobs, check.Layers).ShouldBe((3, 2));
        Listing().ShouldBe(before);
    }

    [Fact]
    public async Task An_image_that_comes_during_a_repair_is_none_that_lacks_something()
    {
        var coming = new TestImage().Layer(new TestLayer().File("new", "n").ToTar()).ToDockerArchive("coming");
        var hasCome = false;

        var check = await _store.CheckAsync(true, _ => null, _ =>
        {
            if (!hasCome)
                _store.LoadAsync(new MemoryStream(coming), null, CancellationToken.None).GetAwaiter().GetResult();
            hasCome = true;
        }, CancellationToken.None);

        hasCome.ShouldBeTrue();
        // What a load leaves over the check collects, as it is the last who writes.
        check.Findings.ShouldAllBe(finding => finding.Problem == "nothing refers to it");
        _store.Find("coming").ShouldNotBeNull().Layers.ShouldHaveSingleItem();
        (await CheckAsync(repair: false)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_flipped_bit_in_a_blob_is_found_and_the_blob_can_be_fetched_again()
    {
        var blob = Path.Combine(In("data"), "content/blobs/sha256", _image.Layers[0].Blob.Digest.Hex);
        var bytes = await File.ReadAllBytesAsync(blob);
        bytes[700] ^= 1;
        await File.WriteAllBytesAsync(blob, bytes);

        var told = await CheckAsync(repair: false);
        told.Findings[0].ShouldSatisfyAllConditions(f => f.Kind.ShouldBe(LedgerKind.Blob), f => f.Id.ShouldBe(_image.Layers[0].Blob.Digest.ToString()), f => f.IsRepaired.ShouldBeFalse(), f => f.Remedy.ShouldContain("--repair"));
        File.Exists(blob).ShouldBeTrue();
        (await CheckAsync(repair: true)).Findings.ShouldContain(f => f.Kind == LedgerKind.Blob && f.IsRepaired);
        File.Exists(blob).ShouldBeFalse();
        (await CheckAsync(repair: false)).Findings.ShouldHaveSingleItem().Problem.ShouldContain("cannot be pushed or saved");

        Load();
        (await CheckAsync(repair: false)).Findings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("etc/kept", "other content", "has 13 bytes, not 5000")]
    [InlineData("etc/extra", "x", "does not belong there")]
    [InlineData("etc/kept", null, "is missing")]
    public async Task A_layer_that_is_not_what_its_blob_unpacks_to_is_found_and_unpacked_again(string path, string? content, string problem)
    {
        var layer = Directory.GetDirectories(In("data/layers")).Single(directory => File.Exists(Path.Combine(directory, "etc/kept")));
        var file = Path.Combine(layer, path);
        File.Delete(file);
        if (content is not null)
            await File.WriteAllTextAsync(file, content);

        (await CheckAsync(repair: false)).Findings.ShouldHaveSingleItem().Problem.ShouldContain(problem);
        (await CheckAsync(repair: true)).Findings.ShouldHaveSingleItem().IsRepaired.ShouldBeTrue();

        (await CheckAsync(repair: false)).Findings.ShouldBeEmpty();
        var snapshots = OverlaySnapshotter.Open(_store);
        await snapshots.PrepareAsync("c1", _image, CancellationToken.None);
        using var view = snapshots.OpenView("c1");
        view.ReadFile("/etc/kept", 10_000)!.Length.ShouldBe(5000);
        Directory.GetDirectories(In("data/layers")).Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_layer_that_a_running_container_stands_on_is_not_exchanged_under_it()
    {
        await OverlaySnapshotter.Open(_store).PrepareAsync("c1", _image, CancellationToken.None);
        var layer = Directory.GetDirectories(In("data/layers")).Single(directory => File.Exists(Path.Combine(directory, "etc/kept")));
        File.Delete(Path.Combine(layer, "etc/kept"));

        var check = await _store.CheckAsync(true, _ => new SnapshotOwner("web", IsRunning: true), _ => { }, CancellationToken.None);

        check.Findings.ShouldHaveSingleItem().Remedy.ShouldContain("container web runs on it");
        Directory.Exists(layer).ShouldBeTrue();
    }

    [Fact]
    public async Task A_snapshot_without_a_container_is_found_and_removed()
    {
        await OverlaySnapshotter.Open(_store).PrepareAsync("c1", _image, CancellationToken.None);

        (await CheckAsync(repair: false)).Findings.ShouldHaveSingleItem().Problem.ShouldContain("no container");
        (await CheckAsync(repair: true)).Findings.ShouldHaveSingleItem().IsRepaired.ShouldBeTrue();

        Directory.GetDirectories(In("data/snapshots")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_image_whose_configuration_is_damaged_goes_with_its_names_and_can_be_loaded_again()
    {
        await File.WriteAllTextAsync(Path.Combine(In("data"), "content/blobs/sha256", _image.Id.Hex), "{");
        var reopened = ImageStoreTests.OpenStore(In("data"));
        reopened.Damaged.ShouldHaveSingleItem();

        var check = await reopened.CheckAsync(true, _ => null, _ => { }, CancellationToken.None);

        check.Findings.ShouldAllBe(f => f.IsRepaired);
        reopened.Damaged.ShouldBeEmpty();
        (await reopened.LoadAsync(new MemoryStream(_archive), null, CancellationToken.None))[0].Image.Id.ShouldBe(_image.Id);
        (await reopened.CheckAsync(false, _ => null, _ => { }, CancellationToken.None)).Findings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("image", null)]
    [InlineData("image", "{ torn")]
    [InlineData("image", "{\"id\":\"sha256:0000000000000000000000000000000000000000000000000000000000000001\",\"layers\":[],\"tagged\":\"2026-01-01T00:00:00Z\"}")]
    [InlineData("names", null)]
    [InlineData("names", "{}")]
    [InlineData("layer", null)]
    [InlineData("layer", "[]")]
    public async Task A_record_that_was_lost_or_changed_on_the_disk_is_found_and_written_again(string which, string? content)
    {
        var file = RecordOf(which);
        Overwrite(file, content);

        (await CheckAsync(repair: false)).Findings.ShouldHaveSingleItem().ShouldSatisfyAllConditions(f => f.Problem.ShouldContain("record"), f => f.Remedy.ShouldContain("would write it again"));
        File.Exists(file).ShouldBe(content is not null);
        (await CheckAsync(repair: true)).Findings.ShouldHaveSingleItem().IsRepaired.ShouldBeTrue();

        (await CheckAsync(repair: false)).Findings.ShouldBeEmpty();
        var reopened = ImageStoreTests.OpenStore(In("data"));
        reopened.Damaged.ShouldBeEmpty();
        reopened.Find("demo")!.Id.ShouldBe(_image.Id);
    }

    [Theory]
    [InlineData("image", null)]
    [InlineData("image", "{ torn")]
    public async Task An_image_whose_record_was_lost_before_the_start_is_restored_from_its_blobs_with_its_name(string which, string? content)
    {
        Overwrite(RecordOf(which), content);
        var reopened = ImageStoreTests.OpenStore(In("data"));
        reopened.Damaged.ShouldHaveSingleItem();
        reopened.Find("demo").ShouldBeNull();
        // Nothing of it is collected, and its name outlives changes of others, until somebody looks.
        (await reopened.LoadAsync(new MemoryStream(new TestImage().Layer(new TestLayer().File("other", "x").ToTar()).ToDockerArchive("other")), null, CancellationToken.None)).Count.ShouldBe(1);
        reopened = ImageStoreTests.OpenStore(In("data"));

        var found = await reopened.CheckAsync(false, _ => null, _ => { }, CancellationToken.None);
        found.Findings.ShouldHaveSingleItem().Remedy.ShouldContain("restore it from its blobs");
        var mended = await reopened.CheckAsync(true, _ => null, _ => { }, CancellationToken.None);
        mended.Findings[0].Remedy.ShouldBe("restored from its blobs");
        mended.Findings.Skip(1).ShouldAllBe(f => f.Problem == "nothing refers to it");

        reopened.Find("demo")!.Id.ShouldBe(_image.Id);
        (await reopened.CheckAsync(false, _ => null, _ => { }, CancellationToken.None)).Findings.ShouldBeEmpty();
        ImageStoreTests.OpenStore(In("data")).Find("demo:latest")!.Layers.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_image_whose_record_and_a_layers_blob_were_lost_is_put_aside_and_can_be_loaded_again()
    {
        Overwrite(RecordOf("image"), null);
        File.Delete(Path.Combine(In("data"), "content/blobs/sha256", _image.Layers[1].Blob.Digest.Hex));
        var reopened = ImageStoreTests.OpenStore(In("data"));

        (await reopened.CheckAsync(true, _ => null, _ => { }, CancellationToken.None)).Findings[0].Remedy.ShouldContain("put aside");

        reopened.Damaged.ShouldBeEmpty();
        reopened.List().ShouldBeEmpty();
        Directory.GetFiles(Path.Combine(In("data"), "content/blobs/sha256")).ShouldBeEmpty();
        (await reopened.LoadAsync(new MemoryStream(_archive), null, CancellationToken.None))[0].Image.Id.ShouldBe(_image.Id);
        (await reopened.CheckAsync(false, _ => null, _ => { }, CancellationToken.None)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void An_image_is_explained_layer_by_layer_with_what_later_layers_hide()
    {
        var explained = _store.Explain("demo", CancellationToken.None);

        explained.Layers.Select(layer => (layer.Added, layer.Changed, layer.Deleted, layer.Wasted)).ShouldBe([(5, 0, 0, 0L), (1, 1, 1, 7000L)]);
        explained.Bytes.ShouldBe(5000 + 4000 + 3000 + 1000 + 100_000);
        explained.Wasted.ShouldBe(7000);
        explained.WastedPaths.ShouldBe([new WastedPath("/etc/replaced", 4000, 1, false), new WastedPath("/gone", 3000, 1, true)]);
        explained.Layers[0].CreatedBy.ShouldBe("step 0");
    }

    [Fact]
    public async Task A_volume_that_a_container_is_being_made_with_is_not_removed()
    {
        var volumes = VolumeStore.Open(In("data"), TimeProvider.System);
        using (var lease = volumes.Lease())
        {
            var made = await lease.CreateAsync(new VolumeRequest(), CancellationToken.None);
            volumes.Create("named");
            (await lease.FindAsync("named", CancellationToken.None)).ShouldNotBeNull();
            (await lease.FindAsync("absent", CancellationToken.None)).ShouldBeNull();

            Should.Throw<StorageException>(() => volumes.Remove(made.Name, _ => null)).Kind.ShouldBe(StorageError.InUse);
            Should.Throw<StorageException>(() => volumes.Remove("named", _ => null)).Kind.ShouldBe(StorageError.InUse);
        }
        foreach (var volume in volumes.List())
            volumes.Remove(volume.Name, _ => null);
        volumes.List().ShouldBeEmpty();
    }

    private IReadOnlyList<LoadedImage> Load() => _store.LoadAsync(new MemoryStream(_archive), null, CancellationToken.None).GetAwaiter().GetResult();

    private Task<StoreCheck> CheckAsync(bool repair) => _store.CheckAsync(repair, _ => null, _ => { }, CancellationToken.None);

    private List<string> Listing() => [.. Directory.EnumerateFileSystemEntries(In("data"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private long Du(string name)
    {
        using var du = Process.Start(new ProcessStartInfo("du", $"-s -B1 {In("data")}/{name}") { RedirectStandardOutput = true, UseShellExecute = false });
        return long.Parse(du.ShouldNotBeNull().StandardOutput.ReadToEnd().Split('\t')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private string RecordOf(string which) => which switch
    {
        "image" => Path.Combine(In("data/images"), _image.Id.Hex + ".json"),
        "names" => In("data/images/references.json"),
        _ => Path.Combine(In("data/layers"), _image.Layers[1].ChainId.Hex + ".json"),
    };

    private static void Overwrite(string file, string? content)
    {
        File.Delete(file);
        if (content is not null)
            File.WriteAllText(file, content);
    }
}
