using Sampan.DockerApi.Networks;

namespace Sampan.DockerApi.Containers;

/// <summary>Endpoint settings by network, in a create request.</summary>
public sealed record NetworkingConfig
{
    /// <summary>Endpoint settings by network name or id.</summary>
    public IReadOnlyDictionary<string, EndpointSettings?>? EndpointsConfig { get; init; }
}
