using System.Runtime.CompilerServices;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>
/// The entries of a log after a position. It is found by the entry that stands there, not by which times are later: the clock may have been set
/// back since, and then all that is new would look old.
/// </summary>
internal static class UnsentLog
{
    private static readonly TimeSpan RotationPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Reads them, those that come included.</summary>
    /// <param name="path">The log.</param>
    /// <param name="position">The last entry that was sent; null: none. One that was rotated away stands before all that is left.</param>
    /// <param name="growth">Waits for more; null: there will be no more.</param>
    /// <param name="ct">Ends it.</param>
    public static async IAsyncEnumerable<LogEntry> ReadAsync(string path, LogPosition? position, LogGrowth? growth, [EnumeratorCancellation] CancellationToken ct)
    {
        // Between counting and reading nothing may be rotated.
        var still = position is null ? null : await HoldAsync(path, ct);
        try
        {
            var skip = position is { } sent ? await CountAsync(path, sent, ct) : 0;
            if (skip == 0)
                still?.Dispose();
            await foreach (var entry in new LogReader(path, new LogOptions(), growth).ReadAsync(ct))
            {
                // Its files are open.
                still?.Dispose();
                if (skip > 0)
                    skip--;
                else
                    yield return entry;
            }
        }
        finally
        {
            still?.Dispose();
        }
    }

    // How many entries there are up to the position; 0: it is not there any more.
    private static async Task<int> CountAsync(string path, LogPosition position, CancellationToken ct)
    {
        int count = 0, found = 0, same = 0;
        await foreach (var entry in new LogReader(path, new LogOptions(), null).ReadAsync(ct))
        {
            count++;
            if (entry.Time != position.Time)
                continue;
            found = count;
            if (++same == position.Count)
                break;
        }

        return found;
    }

    private static async Task<FileStream?> HoldAsync(string path, CancellationToken ct)
    {
        while (Directory.Exists(Path.GetDirectoryName(path)))
        {
            if (LogCompression.TryLock(path) is { } held)
                return held;
            await Task.Delay(RotationPause, ct);
        }

        return null;
    }
}
