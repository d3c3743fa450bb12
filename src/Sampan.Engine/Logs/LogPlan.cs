using System.Globalization;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Logs.Drivers;

namespace Sampan.Engine.Logs;

/// <summary>How the file is kept that every driver but <c>none</c> has: the log itself, or what a remote driver sends from.</summary>
/// <param name="MaxBytes">The size of one file in bytes; 0: without limit.</param>
/// <param name="MaxFiles">How many files, the current one included.</param>
/// <param name="Compress">Rotated files are gzipped.</param>
internal sealed record LogPlan(long MaxBytes, int MaxFiles, bool Compress)
{
    // Docker keeps json-file logs without limit, and full disks have come of it (moby#8911): here they rotate unless told otherwise.
    private static readonly LogPlan UsualJson = new(10L << 20, 5, true);

    // Docker's own for the driver local and for the cache of remote drivers.
    private static readonly LogPlan UsualLocal = new(20L << 20, 5, true);

    /// <summary>Reads options that have no problems.</summary>
    public static LogPlan From(LogWish log)
    {
        var driver = LogDrivers.NameOf(log);
        var prefix = LogDrivers.IsRemote(driver) ? "cache-" : "";
        var usual = driver == LogDrivers.JsonFile ? UsualJson : UsualLocal;
        var given = log.Options.TryGetValue(prefix + "max-size", out var text);
        var size = given && TrySize(text ?? "", out var bytes) ? bytes : usual.MaxBytes;
        // A json-file log whose size is limited by its user has one file unless it says more, as in Docker.
        var alone = driver == LogDrivers.JsonFile && given;
        var files = log.Options.TryGetValue(prefix + "max-file", out var count) ? int.Parse(count, CultureInfo.InvariantCulture) : alone ? 1 : usual.MaxFiles;
        var compress = log.Options.ContainsKey(prefix + "compress") ? LogDrivers.Says(log.Options, prefix + "compress") : !alone && usual.Compress;
        return new LogPlan(size, files, compress && files > 1);
    }

    /// <summary>Reads <c>10m</c>, <c>512k</c>, <c>1.5g</c>; <c>-1</c>, which is 0: without limit.</summary>
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
        if (!decimal.TryParse(shift == 0 ? lower : lower[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue >> shift)
            return false;
        bytes = (long)(number * (1L << shift));
        return bytes > 0;
    }
}
