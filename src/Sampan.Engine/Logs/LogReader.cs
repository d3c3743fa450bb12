using System.Runtime.CompilerServices;

namespace Sampan.Engine.Logs;

/// <summary>
/// Reads a json-file log as <c>logs</c> shows it: rotated files first, then the present one, then what comes.
/// <code>
/// X.2.gz ─▶ X.1 ─▶ X ─▶ (grown?) ─▶ X … renamed to X.1 by a rotation ─▶ rest of it ─▶ the new X
/// </code>
/// </summary>
internal sealed class LogReader(string path, LogOptions options, LogGrowth? growth)
{
    private long _skip;
    private bool _pastUntil;

    /// <summary>The entries in order.</summary>
    public async IAsyncEnumerable<LogEntry> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var known = growth is null ? -1 : await growth(-1, ct);
        var (rotated, offset) = Plan();
        foreach (var file in rotated)
        {
            await using var stream = LogFiles.Open(file);
            if (stream is null)
                continue;
            var lines = new LineReader(stream);
            await foreach (var entry in DrainAsync(lines, ct))
                yield return entry;
        }

        var current = LogFiles.Open(path) as FileStream;
        try
        {
            if (current is not null)
                current.Position = Math.Min(offset, current.Length);
            var lines = current is null ? null : new LineReader(current);
            while (true)
            {
                if (lines is not null)
                {
                    await foreach (var entry in DrainAsync(lines, ct))
                        yield return entry;
                }

                if (Rotated(current) && LogFiles.Open(path) is FileStream next)
                {
                    // The supervisor may have written between our last read and the rename: read the old file once more.
                    if (lines is not null)
                    {
                        await foreach (var entry in DrainAsync(lines, ct))
                            yield return entry;
                    }

                    if (current is not null)
                        await current.DisposeAsync();
                    current = next;
                    lines = new LineReader(current);
                    continue;
                }

                if (growth is null || known < 0 || _pastUntil)
                    yield break;
                known = await growth(known, ct);
                if (known < 0)
                    // It ended: one more round takes what was written last.
                    continue;
            }
        }
        finally
        {
            if (current is not null)
                await current.DisposeAsync();
        }
    }

    private async IAsyncEnumerable<LogEntry> DrainAsync(LineReader lines, [EnumeratorCancellation] CancellationToken ct)
    {
        while (await lines.NextAsync(ct) is { } line)
        {
            if (_skip > 0)
            {
                _skip--;
                continue;
            }

            if (!LogLine.TryParse(line.Span, out var entry) || entry is null)
                continue;
            if (options.Until is { } until && entry.Time > until)
            {
                _pastUntil = true;
                continue;
            }

            if (entry.Time < options.Since || !(entry.Stream == LogStream.Stdout ? options.Stdout : options.Stderr))
                continue;
            yield return entry;
        }
    }

    // Which files, and where in the last of them: with a tail only the end is read.
    private (IReadOnlyList<string> Rotated, long Offset) Plan()
    {
        var rotated = LogFiles.Rotated(path);
        if (options.Tail is not { } wanted || wanted < 0)
            return (rotated, 0);
        if (wanted == 0)
            return ([], new FileInfo(path) is { Exists: true } file ? file.Length : 0);
        using var current = LogFiles.Open(path);
        var (offset, lines) = current is null ? (0L, 0L) : LogTail.Find(current, wanted);
        var needed = new List<string>();
        for (var i = rotated.Count - 1; i >= 0 && lines < wanted; i--)
        {
            using var older = LogFiles.Open(rotated[i]);
            if (older is null)
                continue;
            var count = LogTail.Count(older);
            needed.Insert(0, rotated[i]);
            _skip = Math.Max(0, lines + count - wanted);
            lines += count;
        }

        return (needed, offset);
    }

    // The kernel tells by which name an open file goes now: after a rotation it is X.1, or "… (deleted)".
    private bool Rotated(FileStream? current)
    {
        if (current is null)
            return File.Exists(path);
        var link = new FileInfo($"/proc/self/fd/{current.SafeFileHandle.DangerousGetHandle()}").LinkTarget;
        return link is not null && link != Path.GetFullPath(path) && link != RealPath();
    }

    private string RealPath()
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        return Path.Combine(new DirectoryInfo(directory).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? directory, Path.GetFileName(path));
    }
}
