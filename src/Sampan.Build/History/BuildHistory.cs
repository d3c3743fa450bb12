using Sampan.Storage;
using Sampan.Storage.Records;

namespace Sampan.Build.History;

/// <summary>
/// Builds that were: <c>DATA-ROOT/build/history/ID/build.json</c> with <c>log</c> beside it. The oldest go when there are too many, or when their
/// logs take too much room.
/// </summary>
/// <remarks>Thread-safe. Nothing is flushed: a power cut may take the last ones.</remarks>
internal sealed class BuildHistory
{
    internal const int MaxBuilds = 100;
    internal const long MaxLogBytes = 64 << 20;

    private readonly RecordDirectory<BuildRecord> _directory;
    private readonly TimeProvider _time;

    // Guards what follows.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, BuildRecord> _builds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BuildJournal> _running = new(StringComparer.Ordinal);

    private BuildHistory(string dataDirectory, TimeProvider time)
    {
        _directory = new RecordDirectory<BuildRecord>(Path.Combine(dataDirectory, "history"), "build.json", 1, HistoryJson.Default.BuildRecord);
        Inputs = new StepInputs(Path.Combine(dataDirectory, "inputs"));
        _time = time;
    }

    internal StepInputs Inputs { get; }

    internal TimeProvider Time => _time;

    /// <summary>Reads what is there. What ran when the daemon died is over.</summary>
    internal static BuildHistory Open(string dataDirectory, TimeProvider time)
    {
        var history = new BuildHistory(dataDirectory, time);
        foreach (var (id, record) in history._directory.Scan().Records)
        {
            history._builds[id] = record;
            if (record.Status == BuildStatus.Running)
                DiskRefusal.TryNow(() => history.Save(record with { Status = BuildStatus.Cancelled, Completed = time.GetUtcNow(), Error = "the daemon ended while the build ran" }));
        }
        return history;
    }

    /// <summary>Begins a build.</summary>
    internal BuildJournal Begin(BuildRecord record, IProgress<BuildMessage>? watcher)
    {
        lock (_gate)
        {
            try
            {
                Save(record);
                return _running[record.Id] = new BuildJournal(this, record, Path.Combine(_directory.DirectoryOf(record.Id), "log"), watcher);
            }
            catch
            {
                DiskRefusal.TryNow(() => Forget(record.Id));
                throw;
            }
        }
    }

    /// <summary>A build is over.</summary>
    internal void End(BuildRecord record)
    {
        lock (_gate)
        {
            _running.Remove(record.Id);
            // What was built is there whether it can be written down here or not: else the next daemon finds a build that was cut off.
            DiskRefusal.TryNow(() => Save(record));
            DiskRefusal.TryNow(Limit);
        }
    }

    /// <summary>Every build, the youngest first.</summary>
    internal IReadOnlyList<BuildRecord> List()
    {
        lock (_gate)
            return [.. _builds.Values.Select(Newest).OrderByDescending(build => build.Created)];
    }

    /// <summary>A build by its id or the beginning of it; null: none, or several.</summary>
    internal BuildRecord? Find(string id)
    {
        lock (_gate)
        {
            if (_builds.TryGetValue(id, out var exact))
                return Newest(exact);
            var found = _builds.Where(build => build.Key.StartsWith(id, StringComparison.Ordinal)).Take(2).ToList();
            return id.Length > 0 && found.Count == 1 ? Newest(found[0].Value) : null;
        }
    }

    /// <summary>What a build said, from its beginning.</summary>
    internal Stream OpenLog(BuildRecord build)
    {
        var path = Path.Combine(_directory.DirectoryOf(build.Id), "log");
        return File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) : Stream.Null;
    }

    /// <summary>Forgets builds that are over.</summary>
    /// <returns>Their ids.</returns>
    internal IReadOnlyList<string> Remove(Func<BuildRecord, bool> which)
    {
        lock (_gate)
        {
            var doomed = _builds.Values.Where(build => !_running.ContainsKey(build.Id) && which(build)).Select(build => build.Id).ToList();
            doomed.ForEach(Forget);
            SweepInputs();
            return doomed;
        }
    }

    private BuildRecord Newest(BuildRecord record) => _running.TryGetValue(record.Id, out var journal) ? journal.Record : record;

    private void Limit()
    {
        var bytes = 0L;
        var kept = 0;
        var isLess = false;
        foreach (var build in _builds.Values.Where(build => !_running.ContainsKey(build.Id)).OrderByDescending(build => build.Created).ToList())
        {
            var log = new FileInfo(Path.Combine(_directory.DirectoryOf(build.Id), "log"));
            bytes += log.Exists ? log.Length : 0;
            if (++kept <= MaxBuilds && (kept == 1 || bytes <= MaxLogBytes))
                continue;
            Forget(build.Id);
            isLess = true;
        }
        if (isLess)
            SweepInputs();
    }

    private void SweepInputs()
    {
        var referred = _builds.Values.Select(Newest).SelectMany(build => build.Steps).Select(step => step.Key).OfType<string>().ToHashSet(StringComparer.Ordinal);
        // A build that runs may just have written some that its record does not name yet.
        if (_running.Count == 0)
            Inputs.Sweep(referred);
    }

    private void Forget(string id)
    {
        _builds.Remove(id);
        _directory.Remove(id);
    }

    private void Save(BuildRecord record)
    {
        _builds[record.Id] = record;
        _directory.Save(record.Id, record, durable: false);
    }
}
