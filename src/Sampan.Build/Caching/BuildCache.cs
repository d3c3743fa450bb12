using System.Collections.Concurrent;
using Sampan.Engine.Images;
using Sampan.Storage;
using Sampan.Storage.Images;
using Sampan.Storage.Records;

namespace Sampan.Build.Caching;

/// <summary>
/// What steps gave, by the content they depended on, for all builds: <c>DATA-ROOT/build/cache/KEY/step.json</c>. The files themselves are
/// steps of the image store. A record without its step, or a step without a record, is a leftover and goes when the cache is opened.
/// </summary>
/// <remarks>Thread-safe. Nothing here is flushed: what a power cut takes is built again.</remarks>
internal sealed class BuildCache
{
    private const int MostShapes = 4096;

    private readonly StepOperations _steps;
    private readonly RecordDirectory<CacheRecord> _directory;
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _running = new(StringComparer.Ordinal);

    // Guards what follows.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CacheRecord> _records = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _inUse = new(StringComparer.Ordinal);
    private readonly HashSet<string> _shapes = new(StringComparer.Ordinal);

    private BuildCache(StepOperations steps)
    {
        _steps = steps;
        _directory = new RecordDirectory<CacheRecord>(Path.Combine(steps.DataDirectory, "cache"), "step.json", 1, CacheJson.Default.CacheRecord);
    }

    internal static BuildCache Open(StepOperations steps)
    {
        var cache = new BuildCache(steps);
        var kept = steps.List().ToDictionary(step => step.Id.ToString(), StringComparer.Ordinal);
        foreach (var (key, record) in cache._directory.Scan().Records)
        {
            if (record.ImageId is null || kept.ContainsKey(record.ImageId))
                cache._records[key] = record;
            else
                DiskRefusal.TryNow(() => cache._directory.Remove(key));
        }
        var referred = cache._records.Values.Select(record => record.ImageId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var (_, leftover) in kept.Where(step => !referred.Contains(step.Key)))
            DiskRefusal.TryNow(() => steps.Forget(leftover));
        return cache;
    }

    /// <summary>Takes a step's files from an earlier build, or makes them; two builds that want the same step make it once.</summary>
    /// <param name="key">All it depends on.</param>
    /// <param name="description">The step, for people.</param>
    /// <param name="fresh">An earlier build's is not taken.</param>
    /// <param name="lease">The build that needs it.</param>
    /// <param name="make">Makes the files.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task<CachedStep> TakeAsync(string key, string description, bool fresh, Lease lease, Func<Task<ImageRecord>> make, CancellationToken ct)
    {
        var turn = _running.GetOrAdd(key, _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(ct);
        try
        {
            if (!fresh && Find(key, lease) is { } hit)
                return hit;
            var made = await make();
            // The files may be those of another key, which may be pruned just now.
            while (!lease.TryHold(made.Id.ToString()))
                made = await make();
            BuildFailPoint.Reach("build.step-made");
            var now = _steps.Time.GetUtcNow();
            Save(key, new CacheRecord { ImageId = made.Id.ToString(), Description = description, Created = now, LastUsed = now, Uses = 1 });
            BuildFailPoint.Reach("build.step-recorded");
            return new CachedStep(made, now, IsHit: false);
        }
        finally
        {
            turn.Release();
            // Whoever waits has it in hand; who comes after that takes a new one and finds the result.
            if (turn.CurrentCount == 1)
                _running.TryRemove(new(key, turn));
        }
    }

    /// <summary>Whether nothing of that shape was copied since the daemon began, so that no key of it can be known. It is noted.</summary>
    /// <param name="shape">What a key is made of, without contents that are not known yet.</param>
    internal bool IsNewShape(string shape)
    {
        lock (_gate)
        {
            if (_shapes.Count >= MostShapes)
                _shapes.Clear();
            return _shapes.Add(shape);
        }
    }

    /// <summary>Lets go what was made for a step that failed after that.</summary>
    internal void Abandon(ImageRecord made)
    {
        lock (_gate)
            ForgetUnused(made.Id.ToString());
    }

    /// <summary>When something was first made that has no files of its own: the same build gives the same image again.</summary>
    internal DateTimeOffset FirstMade(string key, string description, bool fresh)
    {
        lock (_gate)
        {
            if (!fresh && _records.TryGetValue(key, out var known))
            {
                _records[key] = known with { LastUsed = _steps.Time.GetUtcNow(), Uses = known.Uses + 1 };
                return known.Created;
            }
        }
        var now = _steps.Time.GetUtcNow();
        Save(key, new CacheRecord { Description = description, Created = now, LastUsed = now, Uses = 1 });
        return now;
    }

    /// <summary>What a build holds while it runs: nothing of it is pruned.</summary>
    internal Lease NewLease() => new(this);

    /// <summary>Every entry, the youngest first.</summary>
    internal IReadOnlyList<BuildCacheEntry> List()
    {
        Dictionary<string, CacheRecord> records;
        HashSet<string> inUse;
        lock (_gate)
        {
            records = new(_records, StringComparer.Ordinal);
            inUse = [.. _inUse.Keys];
        }
        var steps = _steps.List().ToDictionary(step => step.Id.ToString(), StringComparer.Ordinal);
        var sizes = _steps.OwnSizes();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return
        [
            .. records.OrderByDescending(record => record.Value.Created).Where(record => record.Value.ImageId is not null && steps.ContainsKey(record.Value.ImageId)).Select(record =>
            {
                var id = record.Value.ImageId ?? "";
                var (own, shared) = sizes.GetValueOrDefault(id);
                // Two keys may lead to the same files: they count once.
                return new BuildCacheEntry(record.Key, "regular", record.Value.Description, record.Value.Created, record.Value.LastUsed, record.Value.Uses, seen.Add(id) ? own : 0, shared, inUse.Contains(id));
            }),
        ];
    }

    /// <summary>Removes entries, but none that a build needs now.</summary>
    /// <param name="which">Which.</param>
    /// <returns>Their keys.</returns>
    internal IReadOnlyList<string> Remove(Func<BuildCacheEntry, bool> which)
    {
        var removed = new List<string>();
        foreach (var entry in List().Where(entry => !entry.InUse && which(entry)))
        {
            lock (_gate)
            {
                if (!_records.TryGetValue(entry.Id, out var record) || record.ImageId is not { } id)
                    continue;
                // Taken by a build since it was listed.
                if (_inUse.ContainsKey(id))
                    continue;
                _records.Remove(entry.Id);
                _directory.Remove(entry.Id);
                ForgetUnused(id);
            }
            removed.Add(entry.Id);
        }
        ForgetTimes();
        return removed;
    }

    // Times of images go when no step is left that they could be made of.
    private void ForgetTimes()
    {
        lock (_gate)
        {
            if (_records.Values.Any(record => record.ImageId is not null))
                return;
            foreach (var key in _records.Keys.ToList())
            {
                _records.Remove(key);
                _directory.Remove(key);
            }
        }
    }

    private CachedStep? Find(string key, Lease lease)
    {
        CacheRecord? record;
        lock (_gate)
        {
            if (!_records.TryGetValue(key, out record) || record.ImageId is null)
                return null;
            lease.Hold(record.ImageId);
            record = record with { LastUsed = _steps.Time.GetUtcNow(), Uses = record.Uses + 1 };
            _records[key] = record;
        }
        lease.Touch(key);
        // Somebody may have removed the step by its id.
        return _steps.Find(record.ImageId, null) is { } files ? new CachedStep(files, record.Created, IsHit: true) : null;
    }

    private void Save(string key, CacheRecord record)
    {
        lock (_gate)
        {
            var replaced = _records.GetValueOrDefault(key)?.ImageId;
            _records[key] = record;
            _directory.Save(key, record, durable: false);
            if (replaced is not null)
                ForgetUnused(replaced);
        }
    }

    // Under the gate. A step goes when no record leads to it and no build holds it: with the last of both.
    private void ForgetUnused(string id)
    {
        if (!_inUse.ContainsKey(id) && !_records.Values.Any(record => record.ImageId == id) && _steps.Find(id, null) is { IsStep: true } step)
            _steps.Forget(step);
    }

    /// <summary>What one build holds.</summary>
    internal sealed class Lease(BuildCache cache) : IDisposable
    {
        private readonly List<string> _held = [];
        private readonly HashSet<string> _touched = new(StringComparer.Ordinal);

        internal void Hold(string imageId)
        {
            lock (cache._gate)
            {
                cache._inUse[imageId] = cache._inUse.GetValueOrDefault(imageId) + 1;
                _held.Add(imageId);
            }
        }

        /// <summary>Holds a step, unless it is gone.</summary>
        internal bool TryHold(string imageId)
        {
            Hold(imageId);
            return cache._steps.Find(imageId, null) is not null;
        }

        internal void Touch(string key)
        {
            lock (cache._gate)
                _touched.Add(key);
        }

        /// <summary>Lets go, and writes down when its entries were used.</summary>
        public void Dispose()
        {
            lock (cache._gate)
            {
                // All are let go of before the first is forgotten, which a full disk may refuse.
                var unused = new List<string>();
                foreach (var id in _held)
                {
                    if (--cache._inUse[id] > 0)
                        continue;
                    cache._inUse.Remove(id);
                    unused.Add(id);
                }
                _held.Clear();
                unused.ForEach(cache.ForgetUnused);
                foreach (var key in _touched)
                {
                    if (cache._records.TryGetValue(key, out var record))
                        cache._directory.Save(key, record, durable: false);
                }
            }
        }
    }
}
