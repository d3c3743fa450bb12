using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>Devices asked for by driver or capability.</summary>
public sealed record DeviceRequest
{
    /// <summary>Name of the device driver.</summary>
    public string Driver { get; init => field = value ?? ""; } = "";

    /// <summary>How many; -1: all.</summary>
    public int Count { get; init; }

    /// <summary>Devices by id.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? DeviceIDs { get; init; }

    /// <summary>Alternatives, each a list of capabilities the device must have.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<IReadOnlyList<string>>? Capabilities { get; init; }

    /// <summary>Driver options.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? Options { get; init; }
}
