using System.Collections.Concurrent;

namespace Sampan.Storage.Registry;

/// <summary>Garbage: what nothing refers to any more.</summary>
public sealed partial class RegistryStore
{
    // How many files are removed at a time with the gate closed.
    private const int Batch = 64;

    private readonly SemaphoreSlim _collecting = new(1, 1);

    // While a collection runs: everything that was linked, or told to be there, since it began.
    private volatile ConcurrentDictionary<ContentDigest, byte>? _spared;

    /// <summary>
    /// Collects garbage while the registry works: (1) from now on note what is linked (2) in each repository: manifests without a tag if the
    /// options say so, then links to blobs that no manifest of it refers to (3) bytes that no repository has a link to.
    /// Each removal looks once more with the gate closed: what was pushed, mounted or asked for meanwhile stays.
    /// </summary>
    /// <param name="dryRun">True to remove nothing.</param>
    /// <param name="ct">Ends it early; what was removed stays removed.</param>
    /// <param name="untagged">True to collect manifests without a tag, too; else as the options say.</param>
    public Collected Collect(bool dryRun, CancellationToken ct, bool untagged = false)
    {
        _collecting.Wait(ct);
        try
        {
            var spared = new ConcurrentDictionary<ContentDigest, byte>();
            Exclusive(() => _spared = spared); // 1
            var run = new Run(dryRun, untagged || Options.CollectUntagged, (_time.GetUtcNow() - Options.CollectionGrace).UtcDateTime, spared, ct);
            foreach (var directory in Directory.EnumerateDirectories(_repositories))
            {
                if (RepositoryName.TryParseDirectory(Path.GetFileName(directory), out var name))
                    Collect(name, run); // 2
            }
            SweepBlobs(run); // 3
            return new Collected(run.Manifests, run.Links, run.Blobs, run.Bytes);
        }
        finally
        {
            _spared = null;
            _collecting.Release();
        }
    }

    private void Spare(ContentDigest digest) => _spared?.TryAdd(digest, 0);

    private void Collect(RepositoryName name, Run run)
    {
        run.Token.ThrowIfCancellationRequested();
        // Without the notes: they may be large, and tell nothing of what is referred to.
        var records = DigestsIn(name, Manifests).Select(digest => (digest, Record: ReadRecord(name, digest) is { } record ? record with { Annotations = null } : null)).Where(entry => entry.Record is not null).ToDictionary(entry => entry.digest, entry => entry.Record);
        if (run.TakesUntagged)
        {
            var live = Live(name, records);
            Remove(records.Keys.Where(digest => !live.Contains(digest)).ToList(), run, digest =>
            {
                // A tag that came meanwhile spares it.
                if (!IsOld(LinkOf(name, Manifests, digest), run))
                    return false;
                if (!run.IsDry)
                    UnlinkManifest(name, digest);
                records.Remove(digest);
                run.Manifests++;
                return true;
            });
        }
        var referred = records.Values.SelectMany(record => record?.Blobs ?? []).ToHashSet(StringComparer.Ordinal);
        var links = DigestsIn(name, Blobs).ToHashSet();
        Remove(links.Where(digest => !referred.Contains(digest.ToString())).ToList(), run, digest =>
        {
            var link = LinkOf(name, Blobs, digest);
            if (!IsOld(link, run))
                return false;
            if (!run.IsDry)
                File.Delete(link);
            links.Remove(digest);
            run.Links++;
            return true;
        });
        run.Live.UnionWith(links);
        run.Live.UnionWith(records.Keys);
        if (!run.IsDry)
            Tidy(name);
    }

    // From the tags down, and from what lives to what is about it.
    private HashSet<ContentDigest> Live(RepositoryName name, Dictionary<ContentDigest, StoredManifest?> records)
    {
        var live = new HashSet<ContentDigest>();
        var open = new Stack<ContentDigest>(EnumerateTags(name).Select(tag => ReadTag(name, tag)).OfType<ContentDigest>());
        var about = records.Where(entry => entry.Value?.Subject is not null).ToLookup(entry => entry.Value?.Subject, entry => entry.Key);
        while (open.TryPop(out var digest))
        {
            if (!records.TryGetValue(digest, out var record) || record is null || !live.Add(digest))
                continue;
            foreach (var child in record.Manifests)
            {
                if (ContentDigest.TryParse(child, out var parsed))
                    open.Push(parsed);
            }
            foreach (var referrer in about[digest.ToString()])
                open.Push(referrer);
        }
        return live;
    }

    private void SweepBlobs(Run run)
    {
        foreach (var algorithm in Directory.EnumerateDirectories(Path.Combine(Options.Root, Blobs)))
        {
            foreach (var part in Directory.EnumerateDirectories(algorithm))
            {
                run.Token.ThrowIfCancellationRequested();
                var dead = Directory.EnumerateFiles(part)
                    .Select(file => ContentDigest.TryParse($"{Path.GetFileName(algorithm)}:{Path.GetFileName(file)}", out var digest) ? digest : default)
                    .Where(digest => digest != default && !run.Live.Contains(digest))
                    .ToList();
                Remove(dead, run, digest =>
                {
                    var file = new FileInfo(PathOf(digest));
                    if (!file.Exists)
                        return false;
                    run.Bytes += file.Length;
                    run.Blobs++;
                    if (!run.IsDry)
                        file.Delete();
                    return true;
                });
            }
        }
    }

    private void Remove(List<ContentDigest> candidates, Run run, Func<ContentDigest, bool> remove)
    {
        foreach (var batch in candidates.Chunk(Batch))
        {
            run.Token.ThrowIfCancellationRequested();
            Exclusive(() =>
            {
                foreach (var digest in batch.Where(digest => !run.Spared.ContainsKey(digest)))
                    remove(digest);
                return true;
            });
        }
    }

    // What a crash left of referrers, and repositories that have nothing any more.
    private void Tidy(RepositoryName name)
    {
        Exclusive(() =>
        {
            var referrers = Path.Combine(DirectoryOf(name), Referrers);
            if (Directory.Exists(referrers))
            {
                foreach (var subject in Directory.EnumerateDirectories(referrers))
                {
                    foreach (var link in Directory.EnumerateFiles(subject).Where(link => !ContentDigest.TryParseFileName(Path.GetFileName(link), out var digest) || !File.Exists(LinkOf(name, Manifests, digest))))
                        File.Delete(link);
                    if (!Directory.EnumerateFileSystemEntries(subject).Any())
                        Directory.Delete(subject);
                }
            }
            if (new[] { Blobs, Manifests, Tags }.All(kind => !Entries(Path.Combine(DirectoryOf(name), kind)).Any()))
                Directory.Delete(DirectoryOf(name), recursive: true);
            return true;
        });
    }

    private IEnumerable<ContentDigest> DigestsIn(RepositoryName name, string kind) =>
        Entries(Path.Combine(DirectoryOf(name), kind)).Select(entry => ContentDigest.TryParseFileName(entry, out var digest) ? digest : default).Where(digest => digest != default);

    private static bool IsOld(string link, Run run) => File.Exists(link) && File.GetLastWriteTimeUtc(link) < run.Before;

    private sealed class Run(bool isDry, bool takesUntagged, DateTime before, ConcurrentDictionary<ContentDigest, byte> spared, CancellationToken token)
    {
        internal bool IsDry => isDry;

        internal bool TakesUntagged => takesUntagged;

        internal DateTime Before => before;

        internal ConcurrentDictionary<ContentDigest, byte> Spared => spared;

        internal CancellationToken Token => token;

        internal HashSet<ContentDigest> Live { get; } = [];

        internal int Manifests { get; set; }

        internal int Links { get; set; }

        internal int Blobs { get; set; }

        internal long Bytes { get; set; }
    }
}
