using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Compose.Running;

namespace Sampan.Cli.Compose;

/// <summary>compose events: those of the project's containers.</summary>
internal static class EventsCommand
{
    private static readonly Option<bool> s_json = Option.Flag("json", null, "One JSON object per line");
    private static readonly Option<string> s_since = Option.Text("since", null, "string", "Show what happened since then: a time or how long ago");
    private static readonly Option<string> s_until = Option.Text("until", null, "string", "End at this time");

    public static Command Command { get; } = new()
    {
        Name = "events",
        Summary = "Receive real time events from containers",
        Arguments = "[SERVICE...]",
        Options = [s_json, s_since, s_until],
        Run = call =>
        {
            var (name, _) = ComposeProject.Find(call, call.Words);
            var words = new List<string> { "--filter=type=container", $"--filter=label={Labels.Project}={name}" };
            // Labels that are filtered by must all be there: of several services one call would see nothing.
            if (call.Words.Count > 1) throw new CommandException("name one service, or none for all");
            if (call.Words.Count == 1) words.Add($"--filter=label={Labels.Service}={call.Words[0]}");
            if (call.Get(s_json)) words.Add("--format=json");
            if (call.Given(s_since) is { } since) words.Add("--since=" + since);
            if (call.Given(s_until) is { } until) words.Add("--until=" + until);
            return call.RunAsync(Commands.Engine.EventsCommand.Command, words);
        },
    };
}
