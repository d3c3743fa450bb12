using System.Security.Cryptography;
using System.Text;
using Sampan.Engine.Images;
using Sampan.Storage.Building;
using Sampan.Storage.Collection;
using Sampan.Storage.Records;

namespace Sampan.Build.Caching;

/// <summary>
/// The directories of <c>RUN --mount=type=cache</c>: <c>DATA-ROOT/build/mounts/HASH/files</c>. The id names a hash, never a path, so no id leads
/// anywhere (CVE-2024-9675).
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class CacheMounts
{
    private readonly RecordDirectory<CacheMount> _directory;
    private readonly TimeProvider _time;

    // Guards what follows.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Holder> _held = new(StringComparer.Ordinal);

    internal CacheMounts(StepOperations steps)
    {
        _directory = new RecordDirectory<CacheMount>(Path.Combine(steps.DataDirectory, "mounts"), "mount.json", 1, CacheJson.Default.CacheMount);
        _time = steps.Time;
    }

    /// <summary>Gives a directory to a step until the result is disposed.</summary>
    /// <param name="id">As the Dockerfile names it.</param>
    /// <param name="sharing"><c>shared</c>, <c>private</c>: another directory if a step has this one, <c>locked</c>: waits until none has it.</param>
    /// <param name="initial">What a new one begins with, and how that looks.</param>
    /// <param name="ct">Gives up waiting.</param>
    internal async Task<CacheMountUse> TakeAsync(string id, string sharing, Func<Task<(SourceEntry Source, CopyLooks Looks)>> initial, CancellationToken ct)
    {
        var key = KeyOf(id, 0);
        Holder holder;
        lock (_gate)
        {
            for (var copy = 1; sharing == "private" && _held.ContainsKey(key); copy++)
                key = KeyOf(id, copy);
            if (!_held.TryGetValue(key, out var known))
                _held[key] = known = new Holder();
            holder = known;
            holder.Users++;
        }
        try
        {
            var isAlone = sharing == "locked";
            if (isAlone)
                await holder.Turn.WaitAsync(ct);
            var use = new CacheMountUse(Path.Combine(_directory.DirectoryOf(key), "files"), () => Release(key, holder, isAlone));
            try
            {
                await MakeAsync(key, id, use.Directory, initial, ct);
                return use;
            }
            catch
            {
                if (isAlone)
                    holder.Turn.Release();
                throw;
            }
        }
        catch
        {
            Release(key, holder, false);
            throw;
        }
    }

    /// <summary>Where a mount's files lie in a cache that leaves this machine.</summary>
    internal static string SharedPathOf(string id) => $"mounts/{KeyOf(id, 0)}";

    /// <summary>A directory that is there; null: it is not.</summary>
    internal string? FindDirectory(string id) => Path.Combine(_directory.DirectoryOf(KeyOf(id, 0)), "files") is var files && Directory.Exists(files) ? files : null;

    /// <summary>Every directory, with the bytes in it.</summary>
    internal IReadOnlyList<BuildCacheEntry> List()
    {
        HashSet<string> held;
        lock (_gate)
            held = [.. _held.Keys];
        return
        [
            .. _directory.Scan().Records.Select(record => new BuildCacheEntry(
                record.Key, "exec.cachemount", $"cache mount {record.Value.Id}", record.Value.Created, record.Value.LastUsed, record.Value.Uses,
                new DiskMeter().Of(_directory.DirectoryOf(record.Key)), false, held.Contains(record.Key))),
        ];
    }

    /// <summary>Removes directories that no step has.</summary>
    internal IReadOnlyList<string> Remove(Func<BuildCacheEntry, bool> which)
    {
        var removed = new List<string>();
        foreach (var entry in List().Where(which))
        {
            lock (_gate)
            {
                if (!_held.ContainsKey(entry.Id) && _directory.Remove(entry.Id))
                    removed.Add(entry.Id);
            }
        }
        return removed;
    }

    private async Task MakeAsync(string key, string id, string files, Func<Task<(SourceEntry Source, CopyLooks Looks)>> initial, CancellationToken ct)
    {
        var (source, looks) = Directory.Exists(files) ? (null, CopyLooks.AsTheyAre) : await initial();
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var record = _directory.Find(key) ?? new CacheMount { Id = id, Created = now, LastUsed = now };
            if (!Directory.Exists(files))
            {
                var unfinished = Path.Combine(_directory.Prepare(key), $".{Path.GetRandomFileName()}");
                Directory.CreateDirectory(unfinished);
                StepOperations.Unpack(source ?? SourceTree.Empty().Root, unfinished, looks, ct);
                BuildFailPoint.Reach("build.mount-filled");
                Directory.Move(unfinished, files);
                BuildFailPoint.Reach("build.mount-made");
            }
            _directory.Save(key, record with { LastUsed = now, Uses = record.Uses + 1 }, durable: false);
            BuildFailPoint.Reach("build.mount-recorded");
        }
    }

    private void Release(string key, Holder holder, bool isAlone)
    {
        if (isAlone)
            holder.Turn.Release();
        lock (_gate)
        {
            if (--holder.Users == 0)
                _held.Remove(key);
        }
    }

    private static string KeyOf(string id, int copy) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{copy}:{id}")));

    private sealed class Holder
    {
        internal SemaphoreSlim Turn { get; } = new(1, 1);

        internal int Users { get; set; }
    }
}
