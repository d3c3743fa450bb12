using System.Globalization;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>How far a remote driver has sent a log: the time of the last entry, and how many of that time.</summary>
/// <param name="Time">As the supervisor wrote it.</param>
/// <param name="Count">At least 1.</param>
internal readonly record struct LogPosition(DateTimeOffset Time, int Count)
{
    /// <summary>The position after one more entry.</summary>
    public static LogPosition After(LogPosition? before, LogEntry entry) =>
        before is { } at && at.Time == entry.Time ? at with { Count = at.Count + 1 } : new LogPosition(entry.Time, 1);

    /// <summary>Reads what <see cref="Save"/> wrote; null: nothing, or nothing that makes sense.</summary>
    public static LogPosition? Load(string path)
    {
        if (!File.Exists(path))
            return null;
        var words = File.ReadAllText(path).Split(' ', StringSplitOptions.TrimEntries);
        return words.Length == 2
            && DateTimeOffset.TryParseExact(words[0], "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? new LogPosition(time, count)
            : null;
    }

    /// <summary>Writes it so that a reader finds the old or the new one, whole.</summary>
    public void Save(string path)
    {
        Containers.Files.ContainerFiles.Write(path + ".new", string.Create(CultureInfo.InvariantCulture, $"{Time:O} {Count}\n"));
        File.Move(path + ".new", path, overwrite: true);
    }
}
