using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Networks;

/// <summary>How a network gives addresses.</summary>
public sealed record Ipam
{
    /// <summary>The address driver.</summary>
    public string Driver { get; init => field = value ?? ""; } = "";

    /// <summary>The driver's options.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>The subnets.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<IpamConfig>? Config { get; init; }
}
