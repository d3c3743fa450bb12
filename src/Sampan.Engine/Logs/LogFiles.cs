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
            .OrderByDescending(f => f.Number)
            .Select(f => f.File)];
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

    private static int Number(string name, string prefix)
    {
        var rest = name[prefix.Length..];
        if (rest.EndsWith(".gz", StringComparison.Ordinal))
            rest = rest[..^3];
        return int.TryParse(rest, out var number) ? number : 0;
    }
}
