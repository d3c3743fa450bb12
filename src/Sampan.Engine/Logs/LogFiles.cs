using System.IO.Compression;

namespace Sampan.Engine.Logs;

/// <summary>The files of one log: <c>X</c> is written now, <c>X.1</c> was written before, and so on, perhaps gzipped.</summary>
internal static class LogFiles
{
    /// <summary>The rotated files, oldest first.</summary>
    public static IReadOnlyList<string> Rotated(string path)
    {
        var directory = Path.GetDirectoryName(path) ?? "/";
        var prefix = Path.GetFileName(path) + ".";
        if (!Directory.Exists(directory))
            return [];
        return [.. Directory.EnumerateFiles(directory, prefix + "*")
            // The pattern also matches the name without anything after it.
            .Where(file => Path.GetFileName(file).StartsWith(prefix, StringComparison.Ordinal))
            .Select(file => (File: file, Number: Number(Path.GetFileName(file), prefix)))
            .Where(f => f.Number > 0)
            // A crash may leave a file beside its compressed form, which is whole then.
            .GroupBy(f => f.Number, (number, files) => (Number: number, File: files.Select(f => f.File).MaxBy(file => file.Length) ?? ""))
            .OrderByDescending(f => f.Number)
            .Select(f => f.File)];
    }

    /// <summary>Bytes of the file that is written now; 0: there is none.</summary>
    public static long Size(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : 0;
    }

    /// <summary>Opens a file for reading while the supervisor writes and rotates it; null: it is not there.</summary>
    public static Stream? Open(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            return path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Opens the rotated files that were written after one that a reader holds, oldest first.</summary>
    /// <param name="path">The log.</param>
    /// <param name="name">The present name of the reader's file; null: it has none.</param>
    /// <param name="last">The time of the last entry in it; null: there was none.</param>
    public static IReadOnlyList<Stream> After(string path, string? name, DateTimeOffset? last)
    {
        var prefix = Path.GetFileName(path) + ".";
        var held = name is not null && Path.GetFileName(name).StartsWith(prefix, StringComparison.Ordinal) ? Number(Path.GetFileName(name), prefix) : 0;
        var rotated = Rotated(path);
        // A file that was compressed has lost its name: then the last entry tells, as long as it is not removed. Earlier and later say nothing: clocks are set.
        if (held == 0 && last is { } time)
            held = Number(Path.GetFileName(rotated.LastOrDefault(file => Holds(file, time)) ?? prefix), prefix);
        return [.. rotated.Where(file => held == 0 || Number(Path.GetFileName(file), prefix) < held).Select(Open).OfType<Stream>()];
    }

    private static bool Holds(string file, DateTimeOffset time)
    {
        using var stream = Open(file);
        if (stream is null)
            return false;
        using var text = new StreamReader(stream);
        while (text.ReadLine() is { } line)
        {
            if (LogLine.TryParse(System.Text.Encoding.UTF8.GetBytes(line), out var entry) && entry?.Time == time)
                return true;
        }

        return false;
    }

    internal static int Number(string name, string prefix)
    {
        var rest = name[prefix.Length..];
        if (rest.EndsWith(".gz", StringComparison.Ordinal))
            rest = rest[..^3];
        return int.TryParse(rest, out var number) ? number : 0;
    }
}
