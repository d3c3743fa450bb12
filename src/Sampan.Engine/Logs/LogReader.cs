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
    private DateTimeOffset? _lastTime;

    /// <summary>The entries in order.</summary>
    public async IAsyncEnumerable<LogEntry> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var known = growth is null ? -1 : await growth(-1, ct);
        var (older, current, offset) = Open();
        try
        {
            while (older.TryDequeue(out var file))
            {
                await using var stream = file;
                await foreach (var entry in DrainAsync(new LineReader(stream), ct))
                    yield return entry;
            }

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

                if (Rotated(current))
                {
                    // The supervisor may have written between our last read and the rename: read the old file once more.
                    if (lines is not null)
                    {
                        await foreach (var entry in DrainAsync(lines, ct))
                            yield return entry;
                    }

                    // It may have been rotated more than once meanwhile.
                    foreach (var file in LogFiles.After(path, NameOf(current), _lastTime))
                        older.Enqueue(file);
                    if (current is not null)
                        await current.DisposeAsync();
                    current = LogFiles.Open(path) as FileStream;
                    while (older.TryDequeue(out var file))
                    {
                        await using var stream = file;
                        await foreach (var entry in DrainAsync(new LineReader(stream), ct))
                            yield return entry;
                    }

                    lines = current is null ? null : new LineReader(current);
                    if (current is not null)
                        continue;
                }

                if (growth is null || known < 0 || _pastUntil)
                    yield break;
                known = await growth(known, ct);
                // Below zero: it ended, and one more round takes what was written last.
            }
        }
        finally
        {
            foreach (var file in older)
                await file.DisposeAsync();
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
            _lastTime = entry.Time;
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

    // The files at one moment: a rotation while they are opened would show one of them twice, or not at all.
    private (Queue<Stream> Older, FileStream? Current, long Offset) Open()
    {
        while (true)
        {
            var current = LogFiles.Open(path) as FileStream;
            var (rotated, offset) = Plan(current);
            var older = new Queue<Stream>(rotated.Select(LogFiles.Open).OfType<Stream>());
            if (older.Count == rotated.Count && !Rotated(current))
                return (older, current, offset);
            foreach (var file in older)
                file.Dispose();
            current?.Dispose();
        }
    }

    // Which files, and where in the last of them: with a tail only the end is read.
    private (IReadOnlyList<string> Rotated, long Offset) Plan(FileStream? current)
    {
        var rotated = LogFiles.Rotated(path);
        _skip = 0;
        if (options.Tail is not { } wanted || wanted < 0)
            return (rotated, 0);
        if (wanted == 0)
            return ([], current?.Length ?? 0);
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
        var name = NameOf(current);
        return name is not null && name != Path.GetFullPath(path) && name != RealPath();
    }

    private static string? NameOf(FileStream? file) =>
        file is null ? null : new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget;

    private string RealPath()
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        try
        {
            return Path.Combine(new DirectoryInfo(directory).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? directory, Path.GetFileName(path));
        }
        catch (DirectoryNotFoundException)
        {
            return Path.Combine(directory, Path.GetFileName(path)); // removed with its container
        }
    }
}
