using Sampan.Cli.Arguments;
using Sampan.Cli.Tables;

namespace Sampan.Cli.Commands.Containers;

/// <summary>ps, container ls.</summary>
internal static class ListCommand
{
    private static readonly Option<bool> s_all = Option.Flag("all", 'a', "Show all containers, not only running ones");
    private static readonly Option<IReadOnlyList<string>> s_filter = FilterOption.New("Show only what matches: ancestor, before, exited, expose, health, id, label, name, network, publish, since, status, volume");
    private static readonly Option<string> s_format = ListFormat.Option();
    private static readonly Option<long?> s_last = Option.Number32("last", 'n', "Show the n containers created last, in any state");
    private static readonly Option<bool> s_latest = Option.Flag("latest", 'l', "Show the container created last, in any state");
    private static readonly Option<bool> s_noTrunc = Option.Flag("no-trunc", null, "Don't shorten anything");
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Show ids only");
    private static readonly Option<bool> s_size = Option.Flag("size", 's', "Show sizes");

    public static Command Ps { get; } = new()
    {
        Name = "ps",
        Summary = "List containers",
        Aliases = ["container ls", "container list", "container ps", "ps"],
        MaxWords = 0,
        Options = [s_all, s_filter, s_format, s_last, s_latest, s_noTrunc, s_quiet, s_size],
        IsSequential = true,
        Run = RunAsync,
    };

    public static Command Ls { get; } = Ps with { Name = "ls", OtherNames = ["ps", "list"] };

    private static async Task<int> RunAsync(Invocation call)
    {
        int? limit = call.Get(s_last) is > 0 and { } n ? (int)n : call.Get(s_latest) ? 1 : null;
        // A template that asks for the size needs it from the engine; -q alone never does.
        bool quiet = call.Get(s_quiet);
        string format = call.ListFormat(s_format, "psFormat", quiet);
        if (quiet && format.Length > 0)
        {
            call.Error.WriteLine("WARNING: Ignoring custom format, because both --format and --quiet are set.");
            format = "";
        }
        bool size = !quiet && (call.Get(s_size) || format.Contains(".Size", StringComparison.Ordinal) || format.Contains("json .}", StringComparison.Ordinal));
        bool all = call.Get(s_all) || limit is not null;
        var filters = FilterOption.Read(call, s_filter);
        // The platform is the one column that the quick way has nothing of.
        var containers = format.Contains("json", StringComparison.Ordinal) || format.Contains("Platform", StringComparison.Ordinal)
            ? await call.Client.ListContainersAsync(all, limit, size, filters, call.Cancelled).ConfigureAwait(false)
            : await call.Client.ListContainerRowsAsync(all, limit, size, filters, call.Cancelled).ConfigureAwait(false);
        string standard = ContainerShape.Standard["table ".Length..] + (call.Get(s_size) ? "\t{{.Size}}" : "");
        ListFormat.Write(call.Out, format, ContainerShape.Create(call.Get(s_noTrunc), call.Time), containers, standard, quiet ? "{{.ID}}" : null);
        return 0;
    }
}
