using System.Globalization;
using System.Text;
using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Compose.Running;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Events;

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
            return Commands.Engine.EventsCommand.ShowAsync(call, call.Given(s_since), call.Given(s_until), filters, message =>
                call.Words.Count > 0 && !call.Words.Contains(message.Actor?.Attributes?.GetValueOrDefault(Labels.Service), StringComparer.Ordinal) ? null
                : call.Get(s_json) ? Json(message) : Commands.Engine.EventsCommand.Line(message, call.Time));
        },
    };

    // As docker's tool has it: its own labels are no attributes, but for the service.
    private static string Json(EventMessage message)
    {
        var attributes = message.Actor?.Attributes ?? new Dictionary<string, string>(StringComparer.Ordinal);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("action", message.Action);
            writer.WriteStartObject("attributes");
            foreach (var (name, value) in attributes.Where(a => !a.Key.StartsWith("com.docker.compose.", StringComparison.Ordinal)).OrderBy(a => a.Key, StringComparer.Ordinal)) writer.WriteString(name, value);
            writer.WriteEndObject();
            writer.WriteString("id", message.Actor?.ID);
            writer.WriteString("service", attributes.GetValueOrDefault(Labels.Service));
            writer.WriteString("time", Commands.Engine.EventsCommand.At(message).ToString("O", CultureInfo.InvariantCulture));
            writer.WriteString("type", message.Type);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
