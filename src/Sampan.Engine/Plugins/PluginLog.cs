using System.Text;
using System.Text.Json;

namespace Sampan.Engine.Plugins;

/// <summary>What plugins said.</summary>
internal static class PluginLog
{
    private const int TailBytes = 8 * 1024;
    private const int MaxShown = 300;

    /// <summary>The last line of a log, cut if it is long; null: there is none.</summary>
    /// <param name="path">The log's file.</param>
    /// <param name="from">What stands before these bytes does not count; more than there is: the file has been rotated, and all counts.</param>
    public static string? LastLine(string path, long from)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Position = Math.Max(from <= file.Length ? from : 0, file.Length - TailBytes);
            using var reader = new StreamReader(file, Encoding.UTF8);
            var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            foreach (var line in Enumerable.Reverse(lines))
            {
                if (Text(line) is { Length: > 0 } said)
                    return said.Length > MaxShown ? said[..MaxShown] + "…" : said;
            }
        }
        catch (IOException)
        {
            // It never said anything.
        }

        return null;
    }

    private static string? Text(string line)
    {
        try
        {
            using var entry = JsonDocument.Parse(line);
            return entry.RootElement.ValueKind == JsonValueKind.Object && entry.RootElement.TryGetProperty("log"u8, out var log) ? log.GetString()?.Trim() : null;
        }
        catch (JsonException)
        {
            // The tail began in its middle.
            return null;
        }
    }
}
