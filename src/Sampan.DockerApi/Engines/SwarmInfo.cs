using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Engines;

/// <summary>The swarm that an engine is part of.</summary>
public sealed record SwarmInfo
{
    /// <summary>This node's id.</summary>
    public string NodeID { get; init => field = value ?? ""; } = "";

    /// <summary>This node's address.</summary>
    public string NodeAddr { get; init => field = value ?? ""; } = "";

    /// <summary>inactive, pending, active, error or locked.</summary>
    public string LocalNodeState { get; init => field = value ?? ""; } = "";

    /// <summary>Whether this node manages.</summary>
    public bool ControlAvailable { get; init; }

    /// <summary>Why it is in the error state.</summary>
    public string Error { get; init => field = value ?? ""; } = "";

    /// <summary>Managers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<JsonElement>? RemoteManagers { get; init; }
}
