using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Engines;

/// <summary>Drivers by kind.</summary>
public sealed record PluginsInfo
{
    /// <summary>Volume drivers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Volume { get; init; }

    /// <summary>Network drivers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Network { get; init; }

    /// <summary>Authorization plug-ins.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Authorization { get; init; }

    /// <summary>Logging drivers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Log { get; init; }
}
