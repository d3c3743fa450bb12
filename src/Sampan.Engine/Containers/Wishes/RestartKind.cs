using System.Text.Json.Serialization;

namespace Sampan.Engine.Containers.Wishes;

/// <summary>When a container that ended is started again.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RestartKind>))]
public enum RestartKind
{
    /// <summary>Never.</summary>
    No,

    /// <summary>After an exit with a code other than 0.</summary>
    OnFailure,

    /// <summary>Always, and when the daemon starts.</summary>
    Always,

    /// <summary>As always, but not when a person had stopped it.</summary>
    UnlessStopped,
}
