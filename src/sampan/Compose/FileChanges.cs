using System.Threading.Channels;

namespace Sampan.Cli.Compose;

/// <summary>Tells of files that change below some paths, in batches: what comes at once, and what follows while it goes on.</summary>
internal sealed class FileChanges : IDisposable
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(100);
    private const int MaxBatch = 10_000;

    private readonly Channel<string> _changed = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly TimeProvider _time;

    public FileChanges(IEnumerable<string> paths, TimeProvider time)
    {
        _time = time;
        foreach (string path in paths.Distinct(StringComparer.Ordinal))
        {
            bool isDirectory = Directory.Exists(path);
            var watcher = new FileSystemWatcher(isDirectory ? path : Path.GetDirectoryName(path) ?? "/") { IncludeSubdirectories = isDirectory, NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Attributes };
            if (!isDirectory) watcher.Filter = Path.GetFileName(path);
            watcher.Changed += (_, e) => Tell(e.FullPath);
            watcher.Created += (_, e) => Tell(e.FullPath);
            watcher.Deleted += (_, e) => Tell(e.FullPath);
            watcher.Renamed += (_, e) =>
            {
                Tell(e.OldFullPath);
                Tell(e.FullPath);
            };
            // More than the kernel could keep: anything below may have changed.
            watcher.Error += (_, _) => Tell(path);
            watcher.EnableRaisingEvents = true;
            _watchers.Add(watcher);
        }
    }

    /// <summary>Waits for the next changes; of a directory that is new, all that is in it.</summary>
    public async Task<IReadOnlyList<string>> NextAsync(CancellationToken cancellationToken)
    {
        var batch = new HashSet<string>(StringComparer.Ordinal) { await _changed.Reader.ReadAsync(cancellationToken).ConfigureAwait(false) };
        while (batch.Count < MaxBatch)
        {
            while (batch.Count < MaxBatch && _changed.Reader.TryRead(out string? next)) batch.Add(next);
            await Task.Delay(s_quiet, _time, cancellationToken).ConfigureAwait(false);
            if (!_changed.Reader.TryPeek(out _)) break;
        }
        return [.. batch.SelectMany(Below).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>A path, and the files below it if it is a directory; what goes away meanwhile has an event of its own.</summary>
    public static IReadOnlyList<string> Below(string path)
    {
        try
        {
            return new DirectoryInfo(path) is { Exists: true, LinkTarget: null } ? [path, .. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)] : [path];
        }
        catch (DirectoryNotFoundException)
        {
            return [path];
        }
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers) watcher.Dispose();
    }

    private void Tell(string path) => _changed.Writer.TryWrite(path);
}
