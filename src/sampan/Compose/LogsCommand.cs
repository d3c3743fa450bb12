using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Output;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Compose;

/// <summary>compose logs.</summary>
internal static class LogsCommand
{
    private static readonly Option<bool> s_follow = Option.Flag("follow", 'f', "Go on with what comes");
    private static readonly Option<long?> s_index = Option.Number("index", null, "Only this container of a service that has several");
    private static readonly Option<bool> s_noColor = Option.Flag("no-color", null, "No colours");
    private static readonly Option<bool> s_noPrefix = Option.Flag("no-log-prefix", null, "Lines without the containers' names");
    private static readonly Option<string> s_since = Option.Text("since", null, "string", "Only lines from then on: a time or how long ago");
    private static readonly Option<string> s_tail = new("tail", 'n', "string", "How many of the last lines of each container to show", "all", static (_, t) => t) { DefaultText = "\"all\"" };
    private static readonly Option<bool> s_timestamps = Option.Flag("timestamps", 't', "Show the time of each line");
    private static readonly Option<string> s_until = Option.Text("until", null, "string", "Only lines before then: a time or how long ago");

    public static Command Command { get; } = new()
    {
        Name = "logs",
        Summary = "View output from containers",
        Arguments = "[SERVICE...]",
        Options = [s_follow, s_index, s_noColor, s_noPrefix, s_since, s_tail, s_timestamps, s_until],
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        var containers = await Runner.Find(call, call.Words).SelectAsync(call.Words, all: true, call.Cancelled).ConfigureAwait(false);
        if (call.Get(s_index) is { } index) containers = [.. containers.Where(c => c.Number == index)];
        var request = new LogsRequest
        {
            Follow = call.Get(s_follow),
            Timestamps = call.Get(s_timestamps),
            Since = Instant.Read(call.Given(s_since), "since", call.Time),
            Until = Instant.Read(call.Given(s_until), "until", call.Time),
            Tail = call.Get(s_tail),
        };
        var view = new LogView(call, containers, !call.Get(s_noColor) && Colours.Wanted(call, StandardIo.OutIsTerminal), !call.Get(s_noPrefix));
        if (request.Follow)
        {
            using var signals = new Interruption();
            try
            {
                await Task.WhenAll(containers.Select(c => view.ShowAsync(c, request, signals.Asked))).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return 130;
            }
            return 0;
        }
        foreach (var container in containers) await view.ShowAsync(container, request, call.Cancelled).ConfigureAwait(false);
        return 0;
    }
}
