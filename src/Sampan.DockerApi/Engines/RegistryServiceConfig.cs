using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Engines;

/// <summary>Registries.</summary>
public sealed record RegistryServiceConfig
{
    /// <summary>Unused; for old clients.</summary>
    public IReadOnlyList<string>? AllowNondistributableArtifactsCIDRs { get; init; }

    /// <summary>Unused; for old clients.</summary>
    public IReadOnlyList<string>? AllowNondistributableArtifactsHostnames { get; init; }

    /// <summary>Networks whose registries need no TLS.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? InsecureRegistryCIDRs { get; init; }

    /// <summary>Registries by name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, RegistryIndex>? IndexConfigs { get; init; }

    /// <summary>Mirrors of the default registry.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Mirrors { get; init; }
}
