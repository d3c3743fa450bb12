using Sampan.Oci.Images;
using Sampan.Storage.Images;
using Sampan.Storage.Snapshots;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>A power cut takes what was not flushed: unpacked layers may be torn then, blobs are not, and the next start makes the layers whole.</summary>
public sealed class LostMachineTests : StorageTest
{
    private static readonly byte[] Base = new TestLayer().Directory("etc/").File("etc/base", new string('b', 100_000)).File("gone", "x").ToTar();
    private static readonly byte[] Top = new TestLayer().File("etc/top", "top").File(".wh.gone").ToTar();

    [Theory]
    [InlineData("files are cut off")]
    [InlineData("files are missing")]
    [InlineData("the directories are missing")]
    [InlineData("the records are empty")]
    [InlineData("the records are missing")]
    [InlineData("everything is missing")]
    public async Task Layers_that_were_not_flushed_are_unpacked_again(string loss)
    {
        var store = Open("boot-1");
        await LoadAsync(store, new TestImage().Layer(Base).Layer(Top), "demo");
        await OverlaySnapshotter.Open(store).PrepareAsync("c1", store.Find("demo").ShouldNotBeNull(), CancellationToken.None);

        Tear(loss);
        var next = Open("boot-2");

        next.Damaged.ShouldBeEmpty();
        next.UnpackedAgain.ShouldBe(1);
        Look(next, "c1");
        (await CheckAsync(next)).ShouldBeEmpty();
        Directory.GetDirectories(In("data/layers")).Length.ShouldBe(2);
        Directory.GetFiles(In("data/layers"), "*.json").Length.ShouldBe(2);
    }

    [Fact]
    public async Task Layers_of_this_boot_are_trusted_by_the_next_daemon()
    {
        await LoadAsync(Open("boot-1"), new TestImage().Layer(Base).Layer(Top), "demo");
        var before = Directories();

        Open("boot-1").Damaged.ShouldBeEmpty();

        Directories().ShouldBe(before);
    }

    [Theory]
    [InlineData("the directories are missing")]
    [InlineData("the records are empty")]
    [InlineData("the records are missing")]
    public async Task What_is_seen_to_be_lost_is_unpacked_again_in_any_boot(string loss)
    {
        var store = Open("boot-1");
        await LoadAsync(store, new TestImage().Layer(Base).Layer(Top), "demo");
        store.Layers.Flush();

        Tear(loss);
        var next = Open("boot-1");

        next.Damaged.ShouldBeEmpty();
        Look(next, null);
    }

    [Fact]
    public async Task Layers_that_were_flushed_are_not_unpacked_again()
    {
        var store = Open("boot-1");
        await LoadAsync(store, new TestImage().Layer(Base).Layer(Top), "demo");
        store.Layers.IsUnflushed(store.Layers.List().Select(layer => layer.ChainId)).ShouldBeTrue();
        store.Layers.Flush();
        store.Layers.IsUnflushed(store.Layers.List().Select(layer => layer.ChainId)).ShouldBeFalse();
        var before = Directories();

        var next = Open("boot-2");

        next.Damaged.ShouldBeEmpty();
        next.UnpackedAgain.ShouldBe(0);
        Directories().ShouldBe(before);
        next.Layers.IsUnflushed(next.Layers.List().Select(layer => layer.ChainId)).ShouldBeFalse();
    }

    [Fact]
    public async Task Only_what_came_after_the_flush_is_unpacked_again()
    {
        var store = Open("boot-1");
        await LoadAsync(store, new TestImage().Layer(Base), "below");
        store.Layers.Flush();
        await LoadAsync(store, new TestImage().Layer(Base).Layer(Top), "demo");
        var below = store.Layers.DirectoryOf(store.Layers.Find(store.Find("below")!.Layers[0].ChainId)!);
        var above = store.Layers.DirectoryOf(store.Layers.Find(store.Find("demo")!.Layers[1].ChainId)!);

        var next = Open("boot-2");

        next.Damaged.ShouldBeEmpty();
        Directory.Exists(below).ShouldBeTrue();
        Directory.Exists(above).ShouldBeFalse();
        (await CheckAsync(next)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_container_keeps_its_files_when_its_image_went_before_the_flush()
    {
        var store = Open("boot-1");
        await LoadAsync(store, new TestImage().Layer(Base).Layer(Top), "demo");
        await OverlaySnapshotter.Open(store).PrepareAsync("c1", store.Find("demo").ShouldNotBeNull(), CancellationToken.None);
        store.Remove("demo", force: true, noPrune: false, _ => null);
        Directory.GetFiles(In("data/content/blobs/sha256")).ShouldBeEmpty();

        var next = Open("boot-2");

        next.Damaged.ShouldBeEmpty();
        Look(next, "c1");
    }

    // While somebody writes nothing is collected; the name is gone from the disk at once.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_container_keeps_its_files_when_its_image_goes_during_a_check(bool repair)
    {
        var store = Open("boot-1");
        await LoadAsync(store, new TestImage().Layer(Base).Layer(Top), "demo");
        await OverlaySnapshotter.Open(store).PrepareAsync("c1", store.Find("demo").ShouldNotBeNull(), CancellationToken.None);
        var isUnflushed = true;

        await store.CheckAsync(repair, _ => new SnapshotOwner("c1", IsRunning: false), _ =>
        {
            if (store.Find("demo") is null)
                return;
            store.Remove("demo", force: true, noPrune: false, _ => null);
            isUnflushed = store.Layers.IsUnflushed(store.Layers.List().Select(layer => layer.ChainId));
        }, CancellationToken.None);

        isUnflushed.ShouldBeFalse();
        Directory.GetFiles(In("data/content/blobs/sha256")).ShouldBeEmpty();
        Look(Open("boot-2"), "c1");
    }

    [Fact]
    public async Task A_layer_whose_blob_is_damaged_too_is_told_and_the_image_can_be_loaded_again()
    {
        var image = new TestImage().Layer(Base).Layer(Top);
        var store = Open("boot-1");
        await LoadAsync(store, image, "demo");
        Tear("files are cut off");
        var blob = In("data/content/blobs/sha256/" + Digest.Of(Base).Hex);
        await File.WriteAllBytesAsync(blob, Base[..700]);

        var next = Open("boot-2");

        next.Damaged.ShouldHaveSingleItem().ShouldContain("cannot be unpacked again");
        next.Find("demo").ShouldBeNull();
        await LoadAsync(next, image, "demo");
        Look(next, null);
        var last = Open("boot-3");
        last.Damaged.ShouldBeEmpty();
        Look(last, null);
        Directory.GetDirectories(In("data/layers")).Length.ShouldBe(2);
    }

    [Fact]
    public async Task The_flush_in_the_background_says_so_in_the_records_and_so_does_its_end()
    {
        var store = Open("boot-1");
        var time = new Patience();
        await using (new LayerFlush(store, time, failure => throw failure))
        {
            await LoadAsync(store, new TestImage().Layer(Base), "one");
            await Until(() => time.End());
            await Until(() => !store.Layers.IsUnflushed(store.Layers.List().Select(layer => layer.ChainId)));
            await LoadAsync(store, new TestImage().Layer(Top), "two");
        }

        store.Layers.IsUnflushed(store.Layers.List().Select(layer => layer.ChainId)).ShouldBeFalse();
        Directory.GetFiles(In("data/layers"), "*.json").ShouldAllBe(file => !File.ReadAllText(file).Contains("boot-1"));
    }

    private ImageStore Open(string boot) => ImageStore.Open(In("data"), TimeProvider.System, null, null, boot);

    private static Task LoadAsync(ImageStore store, TestImage image, string name) => store.LoadAsync(new MemoryStream(image.ToDockerArchive(name)), null, CancellationToken.None);

    private static async Task<IEnumerable<string>> CheckAsync(ImageStore store) =>
        (await store.CheckAsync(false, _ => new SnapshotOwner("c1", IsRunning: false), _ => { }, CancellationToken.None)).Findings.Select(finding => finding.Problem);

    private static void Look(ImageStore store, string? container)
    {
        var snapshots = OverlaySnapshotter.Open(store);
        if (container is null)
            snapshots.PrepareAsync(container = $"look-{Guid.NewGuid():n}", store.Find("demo").ShouldNotBeNull(), CancellationToken.None).GetAwaiter().GetResult();
        using var view = snapshots.OpenView(container);
        view.ReadFile("/etc/base", 200_000)!.Length.ShouldBe(100_000);
        view.ReadFile("/etc/top", 100)!.ShouldBe("top"u8.ToArray());
        view.ReadFile("/gone", 100).ShouldBeNull();
    }

    private List<string> Directories() => [.. Directory.GetDirectories(In("data/layers")).Order(StringComparer.Ordinal)];

    private void Tear(string loss)
    {
        foreach (var directory in Directory.GetDirectories(In("data/layers")))
        {
            if (loss is "the directories are missing" or "everything is missing")
            {
                Directory.Delete(directory, recursive: true);
                continue;
            }
            foreach (var file in Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Where(file => loss.StartsWith("files", StringComparison.Ordinal) && new FileInfo(file).Length > 0))
            {
                if (loss == "files are missing")
                    File.Delete(file);
                else
                    File.WriteAllBytes(file, []);
            }
        }
        foreach (var record in Directory.GetFiles(In("data/layers"), "*.json"))
        {
            if (loss == "the records are empty")
                File.WriteAllBytes(record, []);
            else if (loss is "the records are missing" or "everything is missing")
                File.Delete(record);
        }
    }

    private static async Task Until(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
            await Task.Delay(10, limit.Token);
    }

    /// <summary>A clock whose delays end when they are told to.</summary>
    private sealed class Patience : TimeProvider
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<Action> _waiting = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _waiting.Enqueue(() => callback(state));
            return new Timer();
        }

        internal bool End()
        {
            var any = false;
            for (; _waiting.TryDequeue(out var ended); any = true)
                ended();
            return any;
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
