using System.Diagnostics;
using System.Text.Json;
using Sampan.Oci.Images;
using Sampan.Storage;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images;
using Sampan.Storage.Images.Changes;
using Sampan.Storage.Images.Remotes;
using Sampan.Storage.Snapshots;
using Sampan.Storage.Tests.Distribution;
using Sampan.Storage.Trees;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>ENOSPC in every phase: one error, nothing half-made, what was there untouched, and all works again when there is room.</summary>
public sealed class FullDiskTests : StorageTest, IDisposable
{
    private const int Step = 96 * 1024;

    private readonly ImageStore _store;
    private readonly byte[] _archive;
    private readonly byte[] _layer;

    public FullDiskTests()
    {
        Directory.CreateDirectory(In("small"));
        Mount($"mount -t tmpfs -o size=8m,mode=0700 tmpfs {In("small")}");
        var random = new Random(7);
        var bytes = new byte[700_000];
        random.NextBytes(bytes);
        _layer = new TestLayer().Directory("d/").File("d/random", bytes).File("d/small", "s").ToTar();
        var second = new TestLayer().File("e/other", bytes.AsSpan(0, 200_000).ToArray()).ToTar();
        _archive = new TestImage().Layer(_layer).Layer(second).ToDockerArchive("big:1");
        _store = ImageStoreTests.OpenStore(In("small/data"));
        _store.LoadAsync(new MemoryStream(new TestImage().Layer(new TestLayer().File("kept", "k").ToTar()).ToDockerArchive("kept:1")), null, CancellationToken.None).GetAwaiter().GetResult();
    }

    [Fact]
    public async Task Loading_is_all_or_nothing_however_much_room_there_is() => await FillAsync(async () =>
    {
        await _store.LoadAsync(new MemoryStream(_archive), null, CancellationToken.None);
        _store.Remove("big:1", force: true, noPrune: false, _ => null);
    });

    [Fact]
    public async Task Importing_is_all_or_nothing_however_much_room_there_is() => await FillAsync(async () =>
    {
        var image = await _store.ImportAsync(new MemoryStream(TestImage.Gzip(_layer)), new ImageImport(), CancellationToken.None);
        _store.Remove(image.Id.ToString(), force: true, noPrune: false, _ => null);
    });

    [Fact]
    public async Task Committing_is_all_or_nothing_however_much_room_there_is()
    {
        var kept = _store.Find("kept:1")!;

        await FillAsync(async () =>
        {
            var image = await _store.CommitAsync(kept.Id, tar => tar.Write(_layer), new ImageCommit { Defaults = new() }, CancellationToken.None);
            _store.Remove(image.Id.ToString(), force: true, noPrune: true, _ => null);
        });
    }

    [Theory]
    [InlineData(1, "unpacked while they arrive")]
    [InlineData(long.MaxValue, "unpacked when they are here")]
    public async Task Pulling_is_all_or_nothing_however_much_room_there_is(long aheadBytes, string how)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"layers are {how}");
        await using var registry = new TestRegistry();
        var files = new TestImage().Layer(_layer).Layer(new TestLayer().File("e/other", "o").ToTar()).OciFiles(null, TestImage.Gzip, nested: false, MediaTypes.OciManifest);
        foreach (var blob in files.Where(file => file.Key.StartsWith("blobs/", StringComparison.Ordinal)))
            registry.AddBlob("app", blob.Value);
        var manifest = files[$"blobs/sha256/{JsonSerializer.Deserialize(files["index.json"], OciImageJson.Default.ImageIndex)!.Manifests[0].Digest.Hex}"];
        registry.AddManifest("app", "v1", manifest, MediaTypes.OciManifest);
        using var registries = new Registries(new RegistryOptions { CertificateDirectories = [], RetryDelay = TimeSpan.FromMilliseconds(1), UnpackAheadBytes = aheadBytes }, TimeProvider.System);
        var name = ImageReference.Parse($"{registry.Host}/app:v1");

        await FillAsync(async () =>
        {
            await _store.PullAsync(registries, name, new PullOptions(), null, CancellationToken.None);
            _store.Remove(name.ToString(), force: true, noPrune: false, _ => null);
        });
    }

    [Fact]
    public async Task Pushing_what_has_to_be_compressed_is_all_or_nothing_however_much_room_there_is()
    {
        await using var registry = new TestRegistry();
        using var registries = new Registries(new RegistryOptions { CertificateDirectories = [], RetryDelay = TimeSpan.FromMilliseconds(1) }, TimeProvider.System);
        var name = ImageReference.Parse($"{registry.Host}/app:v1");
        Fill(4_000_000);
        await _store.ImportAsync(new MemoryStream(_layer), new ImageImport { Name = name }, CancellationToken.None);
        File.Delete(In("small/filler"));
        var before = Listing();
        var failures = 0;
        for (var free = 0; ; free += Step)
        {
            free.ShouldBeLessThan(8_000_000, "there was never enough room");
            Fill(free);
            try
            {
                await _store.PushAsync(registries, name, null, null, CancellationToken.None);
                break;
            }
            catch (StorageException full)
            {
                full.Kind.ShouldBe(StorageError.Refused, full.ToString());
                full.Message.ShouldContain("no space left", Case.Insensitive);
                failures++;
            }
            File.Delete(In("small/filler"));
            // The manifest that the registry has already may be known here, too: the next push then sends nothing twice.
            if (registry.Manifests.IsEmpty)
                Listing().ShouldBe(before, $"with {free} bytes free");
        }

        failures.ShouldBeGreaterThan(3);
        registry.Manifests.ShouldContainKey("app:v1");
    }

    [Fact]
    public async Task A_volume_that_found_no_room_for_the_images_files_is_empty_again()
    {
        var loaded = await _store.LoadAsync(new MemoryStream(_archive), null, CancellationToken.None);
        var snapshots = OverlaySnapshotter.Open(_store);
        await snapshots.PrepareAsync("c1", loaded[0].Image, CancellationToken.None);
        Directory.CreateDirectory(In("small/volume"));
        using var view = snapshots.OpenView("c1");
        var failures = 0;
        for (var free = 0; ; free += Step)
        {
            Fill(free);
            try
            {
                view.CopyTo("/d", In("small/volume"));
                break;
            }
            catch (StorageException full)
            {
                full.Kind.ShouldBe(StorageError.Refused);
                Directory.GetFileSystemEntries(In("small/volume")).ShouldBeEmpty($"with {free} bytes free");
                failures++;
            }
            File.Delete(In("small/filler"));
            free.ShouldBeLessThan(8_000_000, "there was never enough room");
        }

        failures.ShouldBeGreaterThan(3);
        new FileInfo(In("small/volume/random")).Length.ShouldBe(700_000);
    }

    [Fact]
    public async Task Copying_into_a_container_leaves_the_old_file_when_the_disk_is_full()
    {
        Directory.CreateDirectory(In("small/root/d"));
        File.WriteAllText(In("small/root/d/random"), "old");
        Fill(300_000);
        using var tree = ContainerTree.Of(Sampan.Linux.Files.DirectoryHandle.Open(In("small/root")), []);

        var refused = Should.Throw<StorageException>(() => tree.Extract("/", new MemoryStream(_layer), new ExtractOptions(), CancellationToken.None));

        refused.Kind.ShouldBe(StorageError.Refused);
        refused.Message.ShouldContain("ENOSPC");
        File.ReadAllText(In("small/root/d/random")).ShouldBe("old");
        Directory.GetFiles(In("small/root/d")).ShouldBe([In("small/root/d/random")]);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_snapshot_that_found_no_room_is_not_there()
    {
        var snapshots = PlainCopySnapshotter.Open(_store);
        var loaded = await _store.LoadAsync(new MemoryStream(_archive), null, CancellationToken.None);
        Fill(300_000);

        await Should.ThrowAsync<Exception>(() => snapshots.PrepareAsync("c1", loaded[0].Image, CancellationToken.None));

        snapshots.Exists("c1").ShouldBeFalse();
        Directory.GetDirectories(In("small/data/snapshots")).ShouldBeEmpty();
    }

    void IDisposable.Dispose()
    {
        Mount($"umount {In("small")}");
        Dispose();
    }

    // From nothing to plenty: every write on the way finds the disk full once.
    private async Task FillAsync(Func<Task> work)
    {
        var before = Listing();
        var failures = 0;
        var successes = 0;
        for (var free = 0; successes < 2; free += Step)
        {
            free.ShouldBeLessThan(8_000_000, "there was never enough room");
            Fill(free);
            try
            {
                await work();
                successes++;
            }
            catch (StorageException full)
            {
                full.Kind.ShouldBe(StorageError.Refused, full.ToString());
                full.Message.ShouldContain("no space left", Case.Insensitive);
                failures++;
            }
            File.Delete(In("small/filler"));
            Listing().ShouldBe(before, $"with {free} bytes free");
            _store.Find("kept:1").ShouldNotBeNull();
        }
        failures.ShouldBeGreaterThan(3);
        (await _store.CheckAsync(false, _ => null, _ => { }, CancellationToken.None)).Findings.ShouldBeEmpty();
        ImageStoreTests.OpenStore(In("small/data")).Find("kept:1").ShouldNotBeNull();
    }

    private void Fill(long free)
    {
        var drive = new DriveInfo(In("small"));
        using var filler = new FileStream(In("small/filler"), FileMode.Create);
        var room = drive.AvailableFreeSpace - free;
        var zeros = new byte[4096];
        try
        {
            for (; room > 0; room -= zeros.Length)
                filler.Write(zeros);
            filler.Flush();
        }
        catch (IOException)
        {
            // The last block did not fit: full is what was wanted.
        }
    }

    private List<string> Listing() => [.. Directory.EnumerateFileSystemEntries(In("small"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static void Mount(string command)
    {
        var words = command.Split(' ', 2);
        using var run = Process.Start(words[0], words[1]);
        run.WaitForExit();
        run.ExitCode.ShouldBe(0, command);
    }
}
