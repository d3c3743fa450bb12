using System.IO.Compression;

namespace Sampan.Engine.Logs;

/// <summary>
/// Compresses a log's rotated files. The supervisor renames them whenever it rotates, so the exchange of a file for its compressed form
/// is done with the log's lock held (flock(2) on <c>X.lock</c>), which the supervisor takes for its renames and never waits for.
/// </summary>
internal static class LogCompression
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>Compresses each file soon after it is rotated, until the container has ended and all is done.</summary>
    /// <param name="path">The log.</param>
    /// <param name="maxBytes">The size at which it is rotated.</param>
    /// <param name="growth">Tells how it grows; null: it does not.</param>
    /// <param name="failed">Told what the disk refused; a file that stays as it is is tried again with the next.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task FollowAsync(string path, long maxBytes, LogGrowth? growth, Action<IOException> failed, CancellationToken ct)
    {
        var known = -1L;
        while (true)
        {
            var total = growth is null ? -1 : await growth(known, ct);
            // Before the look at what is rotated: who is rotated between the two is looked at once more, not forgotten until the log has grown again.
            var present = LogFiles.Size(path);
            try
            {
                Run(path);
            }
            catch (DirectoryNotFoundException)
            {
                // The container went with its process, and its log with it.
                return;
            }
            catch (IOException failure)
            {
                failed(failure);
            }

            if (total < 0)
                return;
            // The entry that is too much for the present file goes to the next one, and is counted then.
            known = total + Math.Max(0, maxBytes - present);
        }
    }

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
