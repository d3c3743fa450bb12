namespace Sampan.Server.Registry;

/// <summary>A file that is read again when it has changed. Asking costs one look at its inode. Thread-safe.</summary>
internal sealed class WatchedFile
{
    // File systems stamp files by a clock that ticks this seldom: what was written within one tick may be written again without a new stamp.
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private (DateTime Time, long Length, bool WasFresh) _seen;

    internal WatchedFile(string path)
    {
        Path = path;
        _seen = Look();
    }

    internal string Path { get; }

    /// <summary>True if it has changed since the last time, or may have.</summary>
    internal bool HasChanged()
    {
        var now = Look();
        lock (_gate)
        {
            var hasChanged = _seen.WasFresh || (now.Time, now.Length) != (_seen.Time, _seen.Length);
            _seen = now;
            return hasChanged;
        }
    }

    private (DateTime Time, long Length, bool WasFresh) Look()
    {
        var file = new FileInfo(Path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length, (TimeProvider.System.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc).Duration() < s_tick) : default;
    }
}
