using Sampan.DockerApi.Events;
using Sampan.Engine.Events;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Events;

/// <summary>Makes an event's message.</summary>
internal static class EventMapper
{
    /// <summary>In the newest version's shape.</summary>
    internal static EventMessage ToMessage(EngineEvent happened) => new()
    {
        Type = happened.Type,
        Action = happened.Action,
        Actor = new EventActor { ID = happened.ActorId, Attributes = happened.Attributes },
        Scope = "local",
        Time = happened.Time.ToUnixTimeSeconds(),
        TimeNano = Timestamp.Nanoseconds(happened.Time),
    };
}
