using System.Globalization;
using System.Text;
using Sampan.Storage;

namespace Sampan.Build.History;

/// <summary>
/// One build while it runs: its steps as they begin and end, what they say. It writes the log, keeps the record, and tells whoever watches the
/// steps. Thread-safe.
/// </summary>
internal sealed class BuildJournal : IDisposable
{
    /// <summary>Of one build's log; the rest is left out.</summary>
    internal const int MaxLogBytes = 4 << 20;

    private readonly BuildHistory _history;
    private readonly IProgress<BuildMessage>? _watcher;
    private readonly StreamWriter _log;

    // Guards what follows.
    private readonly Lock _gate = new();
    private readonly List<StepRecord> _steps = [];
    private BuildRecord _record;
    private long _bytes;
    private bool _isOver;

    internal BuildJournal(BuildHistory history, BuildRecord record, string logPath, IProgress<BuildMessage>? watcher)
    {
        _history = history;
        _record = record;
        _watcher = watcher;
        _log = new StreamWriter(new FileStream(logPath, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), new UTF8Encoding(false), 8192);
    }

    internal StepInputs Inputs => _history.Inputs;

    /// <summary>The record as of now.</summary>
    internal BuildRecord Record
    {
        get
        {
            lock (_gate)
                return _record with { Steps = [.. _steps] };
        }
    }

    /// <summary>Whether somebody watches the steps: then nobody reads the text that the classic client gets.</summary>
    internal bool IsWatched => _watcher is not null;

    /// <summary>Earlier builds, the youngest first.</summary>
    internal IEnumerable<BuildRecord> Earlier() => _history.List().Where(build => build.Id != _record.Id && build.Created <= _record.Created);

    /// <summary>An instruction begins.</summary>
    /// <returns>Its number.</returns>
    internal int Begin(string stage, int index, int of, string text, bool hasFiles)
    {
        lock (_gate)
        {
            var step = new StepRecord { Number = _steps.Count + 1, Stage = stage, Index = index, Of = of, Text = text, Started = _history.Time.GetUtcNow(), HasFiles = hasFiles };
            _steps.Add(step);
            if (hasFiles)
                Write(step.Number, $"[{stage} {index}/{of}] {text.ReplaceLineEndings(" ")}");
            _watcher?.Report(new BuildMessage.StepChange(step));
            return step.Number;
        }
    }

    /// <summary>What is known of a step now changes.</summary>
    internal void Note(int number, Func<StepRecord, StepRecord> change)
    {
        lock (_gate)
            _steps[number - 1] = change(_steps[number - 1]);
    }

    /// <summary>A step did not come from the cache, for a reason.</summary>
    internal void Explain(int number, string reason, string? comparedWith)
    {
        lock (_gate)
        {
            var step = _steps[number - 1] = _steps[number - 1] with { Reason = reason, ComparedWith = comparedWith };
            Write(number, $"not from the cache: {reason}");
            _watcher?.Report(new BuildMessage.StepChange(step));
        }
    }

    /// <summary>A step is over.</summary>
    internal void End(int number, BuildStatus status)
    {
        lock (_gate)
        {
            if (_steps[number - 1].Status != BuildStatus.Running)
                return;
            var now = _history.Time.GetUtcNow();
            var step = _steps[number - 1] = _steps[number - 1] with { Status = status, Completed = now };
            if (step.HasFiles)
            {
                var seconds = (now - step.Started).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
                Write(number, status switch { BuildStatus.Cached => "CACHED", BuildStatus.Done => $"DONE {seconds}s", BuildStatus.Cancelled => "CANCELED", _ => $"ERROR after {seconds}s" });
            }
            _watcher?.Report(new BuildMessage.StepChange(step));
        }
    }

    /// <summary>What a step says: pieces of text, line ends included.</summary>
    internal void Say(int number, string text)
    {
        lock (_gate)
        {
            Write(number, text.TrimEnd('\n'));
            _watcher?.Report(new BuildMessage.StepText(number, text));
        }
    }

    /// <summary>The build is over.</summary>
    internal void Finish(string? imageId, BuildStatus status, string? error)
    {
        lock (_gate)
        {
            if (_isOver)
                return;
            _isOver = true;
            var now = _history.Time.GetUtcNow();
            for (var i = 0; i < _steps.Count; i++)
            {
                if (_steps[i].Status == BuildStatus.Running)
                    _steps[i] = _steps[i] with { Status = BuildStatus.Cancelled, Completed = now };
            }
            if (error is not null)
                Write(0, $"ERROR: {error}");
            _record = _record with { Completed = now, Status = status, Error = error, ImageId = imageId, Steps = [.. _steps] };
            DiskRefusal.TryNow(_log.Dispose);
        }
        _history.End(_record);
    }

    /// <inheritdoc/>
    public void Dispose() => Finish(null, BuildStatus.Cancelled, null);

    private void Write(int number, string text)
    {
        // Who builds is told all of it; only the log is shorter without room for it.
        if (!_isOver && _bytes <= MaxLogBytes)
            DiskRefusal.TryNow(() => Append(number, text));
    }

    private void Append(int number, string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var whole = number == 0 ? line : $"#{number.ToString(CultureInfo.InvariantCulture)} {line}";
            _bytes += whole.Length + 1;
            if (_bytes > MaxLogBytes)
            {
                _log.Write("the log is cut off here: it is longer than 4 MiB\n");
                return;
            }
            _log.Write(whole);
            _log.Write('\n');
        }
    }
}
