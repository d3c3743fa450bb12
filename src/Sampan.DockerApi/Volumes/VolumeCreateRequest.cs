using System.Text.Json;

namespace Sampan.DockerApi.Volumes;

/// <summary>The body of POST /volumes/create.</summary>
public sealed record VolumeCreateRequest
{
    /// <summary>Its name; empty: the engine makes one.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Its driver; empty: local.</summary>
    public string Driver { get; init => field = value ?? ""; } = "";

    /// <summary>Driver options.</summary>
    public IReadOnlyDictionary<string, string>? DriverOpts { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>A volume of a swarm; null: of this engine.</summary>
    public JsonElement? ClusterVolumeSpec { get; init; }
}
