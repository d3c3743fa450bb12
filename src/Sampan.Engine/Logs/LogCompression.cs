using System.IO.Compression;

namespace Sampan.Engine.Logs;

/// <summary>
/// Compresses a log's rotated files. The supervisor renames them whenever it rotates, so the exchange of a file for its compressed form
/// is done with the log's lock held (flock(2) on <c>X.lock</c>), which the supervisor takes for its renames and never waits for.
/// </summary>
internal static class LogCompression
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>Compresses what is rotated and not compressed. What cannot be exchanged now is left for the next time.</summary>
    /// <param name="path">The log.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Run(string path)
    {
        foreach (var file in LogFiles.Rotated(path))
        {
            if (!file.EndsWith(".gz", StringComparison.Ordinal))
                Compress(path, file);
        }
    }

    private static void Compress(string path, string file)
    {
        var packed = path + ".compressing";
        using var source = LogFiles.Open(file) as FileStream;
        if (source is null)
            return;
        try
        {
            using (var target = new FileStream(packed, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Mode }))
            using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
                source.CopyTo(gzip);
            Exchange(path, source, packed);
        }
        finally
        {
            File.Delete(packed);
        }
    }

    private static void Exchange(string path, FileStream source, string packed)
    {
        using var held = TryLock(path);
        if (held is null)
            return;
        // The name that it has now: it may have been rotated on, or out, while it was read.
        var name = new FileInfo($"/proc/self/fd/{source.SafeFileHandle.DangerousGetHandle()}").LinkTarget;
        if (name is null || !File.Exists(name) || LogFiles.Number(Path.GetFileName(name), Path.GetFileName(path) + ".") == 0)
            return;
        File.Move(packed, name + ".gz", overwrite: true);
        File.Delete(name);
    }

    /// <summary>Keeps the log's files from being renamed until it is disposed; null: they are just now.</summary>
    internal static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            // The supervisor rotates just now.
            return null;
        }
    }
}
