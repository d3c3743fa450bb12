using System.Globalization;
using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi.Containers.Stats;

namespace Sampan.Cli.Commands.Engine;

/// <summary>stats: what containers use, redrawn each second, or once.</summary>
internal static class StatsCommand
{
    private static readonly Option<bool> s_all = Option.Flag("all", 'a', "Show all containers, not only running ones");
    private static readonly Option<string> s_format = ListFormat.Option();
    private static readonly Option<bool> s_noStream = Option.Flag("no-stream", null, "Show the first result and end");
    private static readonly Option<bool> s_noTrunc = Option.Flag("no-trunc", null, "Don't shorten ids");

    public static Command Command { get; } = new()
    {
        Name = "stats",
        Summary = "Display a live stream of container(s) resource usage statistics",
        Aliases = ["container stats", "stats"],
        Arguments = "[CONTAINER...]",
        Options = [s_all, s_format, s_noStream, s_noTrunc],
        Completes = Candidates.RunningContainers,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        bool once = call.Get(s_noStream);
        var view = new StatsView(call, stream: !once);
        var following = Task.CompletedTask;
        bool isNamed = call.Words.Count > 0;
        if (isNamed || once)
            await view.AddAsync(isNamed ? call.Words : [.. (await call.Client.ListContainerRowsAsync(call.Get(s_all), cancellationToken: call.Cancelled).ConfigureAwait(false)).Select(c => c.Id)]).ConfigureAwait(false);
        else
            following = await view.FollowAsync(call.Get(s_all)).ConfigureAwait(false);
        if (once)
        {
            await view.ReadAsync().ConfigureAwait(false);
            Print(call, view.Rows);
            return 0;
        }
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1), call.Time);
        while (await tick.WaitForNextTickAsync(call.Cancelled).ConfigureAwait(false))
        {
            if (StandardIo.OutIsTerminal) call.Out.Write("\u001b[2J\u001b[H");
            Print(call, view.Rows);
            call.Io.Flush();
            if (isNamed ? !view.HasEnded : !following.IsCompleted) continue;
            await following.ConfigureAwait(false);
            return 0;
        }
        return 0;
    }

    private static void Print(Invocation call, IReadOnlyList<(string Name, StatsResponse? Stats)> rows)
    {
        bool full = call.Get(s_noTrunc);
        var shape = new RowShape<(string Name, StatsResponse? Stats)>("stats",
        [
            new("Container", "CONTAINER", s => s.Name),
            new("Name", "NAME", s => s.Stats?.Name?.TrimStart('/') ?? "--"),
            new("ID", "CONTAINER ID", s => s.Stats?.Id is { Length: > 0 } id ? (full ? id : Texts.ShortId(id)) : "--"),
            new("CPUPerc", "CPU %", s => s.Stats is null ? "--" : Percent(Cpu(s.Stats))),
            new("MemUsage", "MEM USAGE / LIMIT", s => s.Stats is null ? "-- / --" : $"{HumanSize.Binary(Memory(s.Stats))} / {HumanSize.Binary(s.Stats.MemoryStats?.Limit ?? 0)}"),
            new("MemPerc", "MEM %", s => s.Stats?.MemoryStats?.Limit is > 0 and { } limit ? Percent(Memory(s.Stats) / limit * 100) : s.Stats is null ? "--" : Percent(0)),
            new("NetIO", "NET I/O", s => s.Stats is null ? "--" : $"{HumanSize.Short(s.Stats.Networks?.Values.Sum(n => (double)n.RxBytes) ?? 0)} / {HumanSize.Short(s.Stats.Networks?.Values.Sum(n => (double)n.TxBytes) ?? 0)}"),
            new("BlockIO", "BLOCK I/O", s => s.Stats is null ? "--" : $"{HumanSize.Short(Blocks(s.Stats, 'r'))} / {HumanSize.Short(Blocks(s.Stats, 'w'))}"),
            new("PIDs", "PIDS", s => s.Stats?.PidsStats?.Current is { } n ? n.ToString(CultureInfo.InvariantCulture) : s.Stats is null ? "--" : "0"),
        ]);
        ListFormat.Write(call.Out, call.ListFormat(s_format, "statsFormat", quiet: false), shape, rows, "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}");
    }

    private static string Percent(double value) => value.ToString("F2", CultureInfo.InvariantCulture) + "%";

    private static double Cpu(StatsResponse s)
    {
        double used = (double)(s.CpuStats?.CpuUsage?.TotalUsage ?? 0) - (s.PreCpuStats?.CpuUsage?.TotalUsage ?? 0);
        double all = (double)(s.CpuStats?.SystemCpuUsage ?? 0) - (s.PreCpuStats?.SystemCpuUsage ?? 0);
        int cpus = s.CpuStats?.OnlineCpus is > 0 and { } n ? n : s.CpuStats?.CpuUsage?.PercpuUsage?.Count ?? 1;
        return used > 0 && all > 0 ? used / all * cpus * 100 : 0;
    }

    /// <summary>Without the page cache that the kernel would give back first, as docker counts it.</summary>
    private static double Memory(StatsResponse s)
    {
        double usage = s.MemoryStats?.Usage ?? 0;
        var lines = s.MemoryStats?.Stats;
        double cache = lines is null ? 0 : lines.TryGetValue("total_inactive_file", out ulong v1) ? v1 : lines.TryGetValue("inactive_file", out ulong v2) ? v2 : 0;
        return cache < usage ? usage - cache : usage;
    }

    private static double Blocks(StatsResponse s, char operation) =>
        (s.BlkioStats?.IoServiceBytesRecursive ?? []).Where(e => e.Op.Length > 0 && char.ToLowerInvariant(e.Op[0]) == operation).Sum(e => (double)e.Value);
}
