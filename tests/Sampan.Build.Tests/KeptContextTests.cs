using System.Formats.Tar;
using System.Text;
using Sampan.Build.Caching;
using Sampan.Engine;
using Sampan.Storage.Archives;
using Sampan.Storage.Building;

namespace Sampan.Build.Tests;

/// <summary>Contexts that clients send again, without what is known.</summary>
public sealed class KeptContextTests : IDisposable
{
    private const string Key = "the client's name for it";

    private readonly string _spool = Directory.CreateTempSubdirectory("sampan-spool-").FullName;
    private readonly Clock _time = new();
    private readonly KeptContexts _contexts;

    public KeptContextTests() => _contexts = new KeptContexts(_time, () => _spool);

    [Fact]
    public void What_did_not_change_need_not_be_sent_and_is_the_same_all_the_same()
    {
        Send([("a", "1", "first"), ("d/b", "1", "second")], "first", "second").ShouldBe([false, false]);
        // Without contents, as a client sends what is known; one is new under its name.
        Send([("a", "1", ""), ("d/b", "2", "third"), ("c", "1", "fourth")], "first", "third", "fourth").ShouldBe([true, false, false]);
        Send([("a", "1", ""), ("d/b", "2", ""), ("c", "1", "")], "first", "third", "fourth").ShouldBe([true, true, true]);
        // What the last one did not have is gone.
        Send([("a", "1", "")], "first").ShouldBe([true]);
        Send([("d/b", "2", "again")], "again").ShouldBe([false]);
    }

    [Fact]
    public void An_empty_fingerprint_is_known_by_nothing()
    {
        Send([("a", "", "first")], "first").ShouldBe([false]);
        Send([("a", "", "other")], "other").ShouldBe([false]);
    }

    [Fact]
    public void An_empty_file_that_was_not_offered_stays_empty()
    {
        Send([("a", "1", "first")], "first");
        using var lease = _contexts.Take(_contexts.Offer(Key, "/there", [])!.Value.Id);
        using var tree = Read(lease, ("a", ""));
        tree.Find("a")!.Size.ShouldBe(0);
    }

    [Fact]
    public void An_offer_that_fails_leaves_the_context_to_others()
    {
        Should.Throw<ArgumentNullException>(() => _contexts.Offer(Key, "/there", [new(null!, "1")]));
        _contexts.Offer(Key, "/there", [new("a", "1")]).ShouldNotBeNull();
    }

    [Fact]
    public void A_context_is_one_builds_at_a_time_and_others_send_all()
    {
        var offer = _contexts.Offer(Key, "/there", [new("a", "1")])!.Value;
        _contexts.Offer(Key, "/there", [new("a", "1")]).ShouldBeNull();
        _contexts.Offer("another client's", "/there", [new("a", "1")]).ShouldNotBeNull();
        _contexts.Remove(_ => true).ShouldBeEmpty();
        _contexts.Take(offer.Id).Dispose();
        _contexts.Offer(Key, "/there", []).ShouldNotBeNull();
    }

    [Fact]
    public void An_offer_that_no_build_follows_is_forgotten_and_a_build_that_breaks_off_leaves_nothing()
    {
        var late = _contexts.Offer(Key, "/there", [new("a", "1")])!.Value;
        _time.Now += TimeSpan.FromMinutes(3);
        var next = _contexts.Offer(Key, "/there", [new("a", "1")])!.Value;
        Should.Throw<EngineException>(() => _contexts.Take(late.Id)).Kind.ShouldBe(ErrorKind.Conflict);
        Should.Throw<EngineException>(() => _contexts.Take("0123456789abcdef")).Kind.ShouldBe(ErrorKind.Conflict);

        using (var lease = _contexts.Take(next.Id))
            Should.Throw<Storage.StorageException>(() => SourceTree.ReadArchive(new MemoryStream(new byte[700].Select(_ => (byte)7).ToArray()), _spool, ArchiveLimits.Default, asRoot: true, TestContext.Current.CancellationToken, lease.Files));
        _contexts.List().ShouldBeEmpty();

        // Also without another offer: what the client had open is closed.
        _contexts.Offer(Key, "/there", [new("a", "1")]).ShouldNotBeNull();
        _contexts.List().Single().InUse.ShouldBeTrue();
        _time.Now += TimeSpan.FromMinutes(3);
        _contexts.List().ShouldBeEmpty();
    }

    [Fact]
    public void They_are_listed_and_removed_as_cache_and_the_least_used_goes_when_they_are_many()
    {
        Send([("a", "1", "first")], "first");
        var entry = _contexts.List().ShouldHaveSingleItem();
        (entry.Kind, entry.Description, entry.Bytes, entry.InUse).ShouldBe(("source.local", "context /there", 5, false));
        _contexts.Remove(each => each.Id == Key).ShouldBe([Key]);
        _contexts.List().ShouldBeEmpty();

        for (var i = 0; i < 20; i++)
        {
            _time.Now += TimeSpan.FromSeconds(1);
            Send([("a", "1", "x")], ["x"], $"{Key} {i}");
        }
        _contexts.List().Select(each => each.Id).Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(4, 16).Select(i => $"{Key} {i}").Order(StringComparer.Ordinal));
    }

    public void Dispose()
    {
        _contexts.Remove(_ => true);
        Directory.Delete(_spool, recursive: true);
    }

    private IReadOnlyList<bool> Send((string Name, string Fingerprint, string Sent)[] files, params string[] contents) => Send(files, contents, Key);

    // Offers, sends, and compares what the tree has then.
    private IReadOnlyList<bool> Send((string Name, string Fingerprint, string Sent)[] files, string[] contents, string key)
    {
        var offer = _contexts.Offer(key, "/there", [.. files.Select(file => KeyValuePair.Create(file.Name, file.Fingerprint))])!.Value;
        using var lease = _contexts.Take(offer.Id);
        using var tree = Read(lease, [.. files.Select(file => (file.Name, file.Sent))]);
        using var whole = Read(null, [.. files.Zip(contents, (file, content) => (file.Name, content))]);
        SourceTree.Checksum(tree.Root).ShouldBe(SourceTree.Checksum(whole.Root));
        files.Select(file => Encoding.UTF8.GetString(tree.Find(file.Name)!.ReadAll(100))).ShouldBe(contents);
        return offer.Known;
    }

    private SourceTree Read(KeptContexts.Lease? lease, params (string Name, string Content)[] files)
    {
        using var archive = new MemoryStream();
        using (var tar = new System.Formats.Tar.TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (name, content) in files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content.Length == 0 ? null : new MemoryStream(Encoding.UTF8.GetBytes(content)), ModificationTime = DateTimeOffset.UnixEpoch });
        }
        archive.Position = 0;
        return SourceTree.ReadArchive(archive, _spool, ArchiveLimits.Default, asRoot: true, TestContext.Current.CancellationToken, lease?.Files);
    }

    private sealed class Clock : TimeProvider
    {
        internal DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
