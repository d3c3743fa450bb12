using System.Globalization;
using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.Cli.Templates;
using Sampan.DockerApi;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Events;

namespace Sampan.Cli.Commands.Engine;

/// <summary>events.</summary>
internal static class EventsCommand
{
    private static readonly Option<IReadOnlyList<string>> s_filter = FilterOption.New("Show only what matches: container, event, image, label, network, type, volume");
    private static readonly Option<string> s_format = InspectPrinter.Format();
    private static readonly Option<string> s_since = Option.Text("since", null, "string", "Show what happened since then: a time or how long ago");
    private static readonly Option<string> s_until = Option.Text("until", null, "string", "End at this time");

    public static Command Command { get; } = new()
    {
        Name = "events",
        Summary = "Get real time events from the server",
        Aliases = ["system events", "events"],
        MaxWords = 0,
        Options = [s_filter, s_format, s_since, s_until],
        Run = RunAsync,
    };

    private static Task<int> RunAsync(Invocation call)
    {
        string format = call.Get(s_format);
        var template = format.Length == 0 ? null : ListFormat.Parse(format == "json" ? "{{json .}}" : format, 64);
        return ShowAsync(call, call.Given(s_since), call.Given(s_until), FilterOption.Read(call, s_filter), message => template is null ? Line(message, call.Time) : Fill(template, message));
    }

    /// <summary>Prints events as they come, each as a line; those without one are left out.</summary>
    internal static async Task<int> ShowAsync(Invocation call, string? since, string? until, Filters? filters, Func<EventMessage, string?> line)
    {
        var events = await call.Client.GetEventsAsync(Instant.Read(since, "since", call.Time), Instant.Read(until, "until", call.Time), filters, call.Cancelled).ConfigureAwait(false);
        await foreach (var message in events.ConfigureAwait(false))
        {
            if (line(message) is not { } text) continue;
            call.Out.WriteLine(text);
            call.Io.Flush();
        }
        return 0;
    }

    /// <summary>When it happened.</summary>
    internal static DateTimeOffset At(EventMessage message) => message.TimeNano != 0 ? DateTimeOffset.UnixEpoch.AddTicks(message.TimeNano / 100) : DateTimeOffset.FromUnixTimeSeconds(message.Time);

    /// <summary>The usual line.</summary>
    internal static string Line(EventMessage message, TimeProvider time)
    {
        var at = At(message);
        string stamp = TimeZoneInfo.ConvertTime(at, time.LocalTimeZone).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture)
            + (message.TimeNano % 100).ToString("00", CultureInfo.InvariantCulture) + TimeZoneInfo.ConvertTime(at, time.LocalTimeZone).ToString("zzz", CultureInfo.InvariantCulture).Replace("+00:00", "Z", StringComparison.Ordinal);
        string attributes = string.Join(", ", (message.Actor?.Attributes ?? new Dictionary<string, string>(StringComparer.Ordinal)).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));
        return $"{stamp} {message.Type} {message.Action} {message.Actor?.ID}{(attributes.Length > 0 ? $" ({attributes})" : "")}";
    }

    private static string Fill(Template template, EventMessage message)
    {
        // In order of their names, as Go writes maps.
        if (message.Actor is { Attributes: { } attributes } actor)
            message = message with { Actor = actor with { Attributes = new SortedDictionary<string, string>(attributes.ToDictionary(), StringComparer.Ordinal) } };
        using var json = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(message, DockerApiJson.Wire.EventMessage));
        try
        {
            return TypedJson.Fill(template, json.RootElement, static () => DockerApiJson.Wire.EventMessage);
        }
        catch (TemplateException e)
        {
            throw new CommandException("template parsing error: " + e.Message);
        }
    }
}
