namespace Sampan.Server.Registry;

/// <summary>A file that is read again when it has changed. Asking costs one look at its inode. Thread-safe.</summary>
internal sealed class WatchedFile
{
    private readonly Lock _gate = new();
    private (DateTime Time, long Length) _seen;

    internal WatchedFile(string path)
    {
        Path = path;
        _seen = Look();
    }

    internal string Path { get; }

    /// <summary>True once for each change since the last time.</summary>
    internal bool HasChanged()
    {
        var now = Look();
        lock (_gate)
        {
            if (now == _seen)
                return false;
            _seen = now;
            return true;
        }
    }

    private (DateTime Time, long Length) Look()
    {
        var file = new FileInfo(Path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }
}
