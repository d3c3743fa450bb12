using Sampan.Engine.Events;

namespace Sampan.Server.Docker.Events;

/// <summary>The filters of <c>docker events</c>.</summary>
internal static class EventFilter
{
    /// <summary>Whether an event is wanted.</summary>
    internal static bool Matches(Filters filters, EngineEvent e)
    {
        return filters.Any("event", v => e.Action == v || (e.Action.StartsWith(v, StringComparison.Ordinal) && e.Action.AsSpan(v.Length).StartsWith(":")))
            && filters.Any("type", v => e.Type == v)
            && filters.Any("scope", v => v == "local")
            && OfType("container", "container")
            && OfType("volume", "volume")
            && OfType("network", "network")
            && OfType("daemon", "daemon")
            && OfType("plugin", "plugin")
            && filters.Any("image", MatchesImage)
            && !filters.Has("service") && !filters.Has("node") && !filters.Has("secret") && !filters.Has("config")
            && filters.Labels(e.Attributes);

        bool OfType(string filter, string type) => filters.Any(filter, v => e.Type == type && (e.ActorId.StartsWith(v, StringComparison.Ordinal) || Attribute("name") == v));

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
