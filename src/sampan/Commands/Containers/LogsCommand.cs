using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Streams;

namespace Sampan.Cli.Commands.Containers;

/// <summary>logs.</summary>
internal static class LogsCommand
{
    private static readonly Option<bool> s_details = Option.Flag("details", null, "Show the labels and variables the logging driver keeps");
    private static readonly Option<bool> s_follow = Option.Flag("follow", 'f', "Go on with what comes");
    private static readonly Option<string> s_since = Option.Text("since", null, "string", "Only lines from then on: a time (2013-01-02T13:23:37Z) or how long ago (42m)");
    private static readonly Option<string> s_tail = new("tail", 'n', "string", "How many of the last lines to show", "all", static (_, t) => t) { DefaultText = "\"all\"" };
    private static readonly Option<bool> s_timestamps = Option.Flag("timestamps", 't', "Show the time of each line");
    private static readonly Option<string> s_until = Option.Text("until", null, "string", "Only lines before then: a time or how long ago");

    public static Command Command { get; } = new()
    {
        Name = "logs",
        Summary = "Fetch the logs of a container",
        Aliases = ["container logs", "logs"],
        Arguments = "CONTAINER",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_details, s_follow, s_since, s_tail, s_timestamps, s_until],
        Completes = Candidates.Containers,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        var container = await call.Client.InspectContainerAsync(call.Words[0], cancellationToken: call.Cancelled).ConfigureAwait(false);
        var request = new LogsRequest
        {
            Follow = call.Get(s_follow),
            Timestamps = call.Get(s_timestamps),
            Details = call.Get(s_details),
            Since = Instant.Read(call.Given(s_since), "since", call.Time),
            Until = Instant.Read(call.Given(s_until), "until", call.Time),
            Tail = call.Get(s_tail),
        };
        var stream = await call.Client.LogsContainerAsync(container.Id, request, call.Cancelled).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            if (container.Config?.Tty == true) await stream.CopyToAsync(call.Io.OutStream, call.Cancelled).ConfigureAwait(false);
            else await StreamDemultiplexer.CopyAsync(stream, call.Io.OutStream, call.Io.ErrorStream, call.Cancelled).ConfigureAwait(false);
        }
        return 0;
    }
}
