using Sampan.Cli.Arguments;
using Sampan.Compose.Running;
using Sampan.DockerApi.Client;

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
            var filters = new Filters().Add("type", "container").Add("label", $"{Labels.Project}={name}");
            // Labels that are filtered by must all be there: of several services the engine would tell nothing.
            return Commands.Engine.EventsCommand.ShowAsync(call, call.Given(s_since), call.Given(s_until), filters, call.Get(s_json) ? "json" : "",
                message => call.Words.Count == 0 || call.Words.Contains(message.Actor?.Attributes?.GetValueOrDefault(Labels.Service), StringComparer.Ordinal));
        },
    };
}
