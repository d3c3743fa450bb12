using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Volumes;

/// <summary>A volume.</summary>
public sealed record VolumeInspect
{
    /// <summary>When it was created, RFC 3339.</summary>
    public string? CreatedAt { get; init; }

    /// <summary>Its driver.</summary>
    public string Driver { get; init => field = value ?? ""; } = "";

    /// <summary>Labels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Its path on the host.</summary>
    public string Mountpoint { get; init => field = value ?? ""; } = "";

    /// <summary>Its name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Driver options.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>local or global.</summary>
    public string Scope { get; init => field = value ?? ""; } = "";

    /// <summary>What the driver says of it.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Status { get; init; }

    /// <summary>Its size and users, if asked for.</summary>
    public VolumeUsage? UsageData { get; init; }
}
