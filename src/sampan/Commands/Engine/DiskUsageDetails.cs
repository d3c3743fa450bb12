using System.Globalization;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Engines;
using Sampan.DockerApi.Stores;

namespace Sampan.Cli.Commands.Engine;

/// <summary>system df --why: every byte's reason, and what limits the build cache, which only Sampan's engine can tell.</summary>
internal static class DiskUsageDetails
{
    /// <summary>Every byte on the engine's data root, largest first, and what they are together: what du says.</summary>
    public static async Task<int> PrintReasonsAsync(Invocation call)
    {
        IReadOnlyList<LedgerEntry> lines;
        try
        {
            lines = await call.Client.GetLedgerAsync(call.Cancelled).ConfigureAwait(false);
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            throw new CommandException("this engine keeps no ledger: --why needs sampand", 1, e);
        }
        Table(call, ["SIZE", "KIND", "RECLAIMABLE", "WHY", "WHERE"], lines.OrderByDescending(l => l.Bytes).ThenBy(l => l.Path, StringComparer.Ordinal).Select(l => new[]
        {
            HumanSize.Decimal(l.Bytes), l.Kind, l.Reclaimable ? "yes" : "no", l.Reason, l.Path,
        }));
        call.Out.WriteLine($"\nTotal: {HumanSize.Decimal(lines.Sum(l => l.Bytes))}, of which a prune could remove {HumanSize.Decimal(lines.Where(l => l.Reclaimable).Sum(l => l.Bytes))}");
        var usage = await call.Client.GetDiskUsageAsync(limits: true, cancellationToken: call.Cancelled).ConfigureAwait(false);
        foreach (string limit in usage.BuildCacheLimits is { Count: > 0 } limits ? limits.Select(Limit) : ["none"])
            call.Out.WriteLine($"Build cache limit: {limit}");
        return 0;
    }

    private static string Limit(BuildCacheLimit limit)
    {
        var words = new List<string>();
        if (limit.MaxUsedSpace is { } most) words.Add($"at most {HumanSize.Decimal(most)}");
        if (limit.MinFreeSpace is { } least) words.Add($"{HumanSize.Decimal(least)} of the disk free");
        if (limit.ReservedSpace is { } reserved) words.Add($"{HumanSize.Decimal(reserved)} stay");
        if (limit.UnusedSeconds is { } seconds) words.Add(string.Create(CultureInfo.InvariantCulture, $"of what was unused for {TimeSpan.FromSeconds(seconds).TotalHours:0.##} hours"));
        if (limit.Types is { Count: > 0 } types) words.Add($"of type {string.Join(", ", types)}");
        if (!limit.All) words.Add("without what images have");
        return string.Join(", ", words);
    }

    private static void Table(Invocation call, string[] header, IEnumerable<string[]> rows) =>
        call.Out.Write(TabWriter.Align(string.Concat(rows.Prepend(header).Select(row => string.Join('\t', row) + "\n"))));
}
