using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>Where a container's output goes.</summary>
public sealed record LogConfig
{
    /// <summary>Name of the logging driver; empty: the engine's default.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>The driver's options.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? Config { get; init; }
}
