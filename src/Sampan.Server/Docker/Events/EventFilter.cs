using Sampan.Engine.Events;

namespace Sampan.Server.Docker.Events;

/// <summary>The filters of <c>docker events</c>.</summary>
internal static class EventFilter
{
    private static readonly string[] s_actors = ["container", "volume", "network", "daemon", "plugin", "service", "node", "secret", "config"];

    /// <summary>Whether an event is wanted.</summary>
    internal static bool Matches(Filters filters, EngineEvent e)
    {
        return filters.Any("event", v => e.Action == v || (e.Action.StartsWith(v, StringComparison.Ordinal) && e.Action.AsSpan(v.Length).StartsWith(":")))
            && filters.Any("type", v => e.Type == v)
            && filters.Any("scope", v => v == "local")
            && s_actors.All(actor => filters.Any(actor, IsActor))
            && filters.Any("image", MatchesImage)
            && filters.Labels(e.Attributes);

        // As Docker: how the id or the name begins, whatever the event is about. So a volume 'web-data' is seen by who asks for a container 'web'.
        bool IsActor(string value) => e.ActorId.StartsWith(value, StringComparison.Ordinal) || Attribute("name")?.StartsWith(value, StringComparison.Ordinal) == true;

        // As Docker: an image's own events, and those of its containers.
        bool MatchesImage(string value)
        {
            var name = e.Type == "image" ? Attribute("name") ?? e.ActorId : Attribute("image");
            return name is not null && (e.ActorId == value || name == value || WithoutTag(name) == value);
        }

        string? Attribute(string name) => e.Attributes.GetValueOrDefault(name);
    }

    private static string WithoutTag(string name)
    {
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[..colon] : name;
    }
}
