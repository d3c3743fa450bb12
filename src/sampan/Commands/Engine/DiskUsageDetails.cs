using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Stores;

namespace Sampan.Cli.Commands.Engine;

/// <summary>system df --why: every byte's reason, which only Sampan's engine can tell.</summary>
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
        return 0;
    }

    private static void Table(Invocation call, string[] header, IEnumerable<string[]> rows) =>
        call.Out.Write(TabWriter.Align(string.Concat(rows.Prepend(header).Select(row => string.Join('\t', row) + "\n"))));
}
