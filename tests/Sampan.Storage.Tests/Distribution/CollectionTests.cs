using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Sampan.Oci.Images;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images;
using Sampan.Storage.Images.Changes;
using Sampan.Storage.Images.Remotes;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>Collection of what nobody needs, while others pull, load, commit, save, push, tag, remove and make containers: what has a name is whole, what has none is gone.</summary>
public sealed class CollectionTests : RegistryTest
{
    private const int Workers = 6;
    private const int Turns = 20;
    private const int Tags = 5;

    private readonly ConcurrentDictionary<string, Digest> _containers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<byte[]> _archives = new();
    private PlainCopySnapshotter _snapshots = null!;
    private Registries _client = null!;
    private int _number;

    [Fact]
    public async Task Nothing_is_collected_that_somebody_is_just_bringing_or_using_and_in_the_end_all_of_the_rest_is()
    {
        _snapshots = PlainCopySnapshotter.Open(Images);
        _client = Client();
        var shared = TestImage.Layer("shared", 40_000);
        for (var i = 0; i < Tags; i++)
            TestImage.Publish(Registry, "app", $"v{i}", shared, TestImage.Layer($"own{i}", 3000 + i), TestImage.Layer($"top{i}", 2000 + i));
        await SaveOneAsync(0);

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(seed => Task.Run(() => WorkAsync(new Random(seed)), Ct)));

        (await Images.CheckAsync(false, Owner, _ => { }, Ct)).Findings.ShouldBeEmpty();
        ShouldFitDu();
        Reopen();
        (await Images.CheckAsync(false, Owner, _ => { }, Ct)).Findings.ShouldBeEmpty();
        _snapshots = PlainCopySnapshotter.Open(Images);
        foreach (var key in _containers.Keys)
            _snapshots.Remove(key);
        while (Images.List() is [var image, ..])
            Images.Remove(image.Id.ToString(), force: true, noPrune: false, _ => null);
        Images.DropPartialDownloads();
        Directory.GetFiles(Path.Combine(DataRoot, "content", "blobs", "sha256")).ShouldBeEmpty();
        Directory.GetFileSystemEntries(Path.Combine(DataRoot, "layers")).ShouldBeEmpty();
        Directory.GetFileSystemEntries(Path.Combine(DataRoot, "snapshots")).ShouldBeEmpty();
    }

    private async Task WorkAsync(Random random)
    {
        for (var turn = 0; turn < Turns; turn++)
        {
            try
            {
                await ActAsync(random.Next(10), random);
            }
            catch (StorageException lost) when (lost.Kind is StorageError.NotFound or StorageError.Conflict)
            {
                // Another worker removed it first.
            }
        }
    }

    private async Task ActAsync(int what, Random random)
    {
        var tag = random.Next(Tags);
        var name = Name($"app:v{tag}").ToString();
        switch (what)
        {
            case 0 or 1:
                (await Images.PullAsync(_client, Name($"app:v{tag}"), new PullOptions(), null, Ct)).Image.Layers.Count.ShouldBe(3);
                break;
            case 2 when _archives.TryDequeue(out var archive):
                _archives.Enqueue(archive);
                await Images.LoadAsync(new MemoryStream(archive), null, Ct);
                break;
            case 3:
                await SaveOneAsync(tag);
                break;
            case 4:
                Images.Remove(name, force: true, noPrune: false, UseOf);
                break;
            case 5 when Images.Find(name) is { } image:
                await ContainAsync(image);
                break;
            case 6 when _containers.Keys.FirstOrDefault() is { } key && _containers.TryRemove(key, out _):
                _snapshots.Remove(key);
                break;
            case 7 when Images.Find(name) is { } image:
                var number = Interlocked.Increment(ref _number);
                await Images.CommitAsync(image.Id, tar => tar.Write(TestImage.Layer($"commit{number}", 500 + number)), new ImageCommit { Defaults = new ImageDefaults(), Name = Name($"made:{number % 3}") }, Ct);
                break;
            case 8:
                foreach (var image in Images.List().Where(image => image.IsDangling && UseOf(image) is null))
                    Images.Remove(image.Id.ToString(), force: true, noPrune: false, UseOf);
                Images.DropPartialDownloads();
                break;
            default:
                Images.Tag(name, Name($"pushed:v{tag}"));
                await Images.PushAsync(_client, Name($"pushed:v{tag}"), null, null, Ct);
                break;
        }
    }

    private async Task SaveOneAsync(int tag)
    {
        await Images.PullAsync(_client, Name($"app:v{tag}"), new PullOptions(), null, Ct);
        using var archive = new MemoryStream();
        await Images.SaveAsync([Name($"app:v{tag}").ToString()], archive, Ct);
        _archives.Enqueue(archive.ToArray());
    }

    private async Task ContainAsync(ImageRecord image)
    {
        var key = $"c{Interlocked.Increment(ref _number)}";
        await _snapshots.PrepareAsync(key, image, Ct);
        _containers[key] = image.Id;
        File.Exists(Path.Combine(DataRoot, "snapshots", key, "root", "shared")).ShouldBeTrue();
    }

    private ImageUse? UseOf(ImageRecord image) => _containers.FirstOrDefault(container => container.Value == image.Id).Key is { } key ? new ImageUse(key, Running: false) : null;

    private SnapshotOwner? Owner(string key) => _containers.ContainsKey(key) ? new SnapshotOwner(key, IsRunning: false) : null;

    private void ShouldFitDu()
    {
        var told = Images.Ledger(_ => false).Sum(line => line.Bytes);
        using var du = Process.Start(new ProcessStartInfo("du", ["-s", "-c", "--block-size=1", .. new[] { "content", "layers", "images" }.Select(name => Path.Combine(DataRoot, name))]) { UseShellExecute = false, RedirectStandardOutput = true });
        var lines = du!.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        du.WaitForExit();
        var measured = long.Parse(lines[^1].Split('\t')[0], CultureInfo.InvariantCulture);
        ((double)told / measured).ShouldBeInRange(0.99, 1.01, $"ledger {told}, du {measured}");
    }
}
