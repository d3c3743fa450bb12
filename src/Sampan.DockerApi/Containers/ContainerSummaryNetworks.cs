using System.Text.Json.Serialization;
using Sampan.DockerApi.Networks;

namespace Sampan.DockerApi.Containers;

/// <summary>The endpoints that a container list shows.</summary>
public sealed record ContainerSummaryNetworks
{
    /// <summary>Endpoints by network name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, EndpointSettings?>? Networks { get; init; }
}
