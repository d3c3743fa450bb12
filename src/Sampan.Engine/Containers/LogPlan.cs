using System.Globalization;

namespace Sampan.Engine.Containers;

/// <summary>json-file's options, read: what the supervisor needs to know to keep the log.</summary>
/// <param name="MaxBytes">The size of one file in bytes; 0: without limit.</param>
/// <param name="MaxFiles">How many files, the current one included.</param>
/// <param name="Compress">Rotated files are gzipped.</param>
internal sealed record LogPlan(long MaxBytes, int MaxFiles, bool Compress)
{
    /// <summary>What is wrong with the options.</summary>
    public static IEnumerable<string> Problems(LogWish log)
    {
        foreach (var (name, value) in log.Options)
        {
            var problem = (log.Driver, name) switch
            {
                ("none", _) => $"unknown log opt '{name}' for none log driver",
                (_, "max-size") => TrySize(value, out _) ? null : $"invalid value '{value}' for max-size",
                (_, "max-file") => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var files) && files > 0 ? null : "max-file cannot be less than 1",
                (_, "compress") => value switch { "false" => null, "true" => "log opt 'compress=true' is not supported yet", _ => $"invalid value '{value}' for compress" },
                (_, "mode") => value == "blocking" ? null : $"log mode '{value}' is not supported",
                _ => $"log opt '{name}' is not supported for json-file log driver",
            };
            if (problem is not null)
                yield return problem;
        }
    }

    /// <summary>Reads options that have no problems.</summary>
    public static LogPlan From(IReadOnlyDictionary<string, string> options)
    {
        var size = options.TryGetValue("max-size", out var text) && TrySize(text, out var bytes) ? bytes : 0;
        var files = options.TryGetValue("max-file", out var count) ? int.Parse(count, CultureInfo.InvariantCulture) : 1;
        return new LogPlan(size, files, options.TryGetValue("compress", out var compress) && compress == "true");
    }

    /// <summary>Reads <c>10m</c>, <c>512k</c>, <c>1g</c>, <c>-1</c>.</summary>
    public static bool TrySize(string text, out long bytes)
    {
        bytes = 0;
        if (text == "-1")
            return true;
        var lower = text.ToLowerInvariant();
        if (lower.EndsWith("ib", StringComparison.Ordinal))
            lower = lower[..^2];
        else if (lower.EndsWith('b'))
            lower = lower[..^1];
        var shift = lower.Length == 0 ? 0 : lower[^1] switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, _ => 0 };
        if (!long.TryParse(shift == 0 ? lower : lower[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number <= 0 || number > long.MaxValue >> shift)
            return false;
        bytes = number << shift;
        return true;
    }
}
