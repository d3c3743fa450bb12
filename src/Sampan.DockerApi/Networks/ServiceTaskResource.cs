namespace Sampan.DockerApi.Networks;

/// <summary>A container of a service on a network.</summary>
public sealed record ServiceTaskResource
{
    /// <summary>The container's name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Its place on the network.</summary>
    public string EndpointID { get; init => field = value ?? ""; } = "";

    /// <summary>Its own address.</summary>
    public string EndpointIP { get; init => field = value ?? ""; } = "";

    /// <summary>"Ready": "true" if it is given new connections.</summary>
    public IReadOnlyDictionary<string, string>? Info { get; init; }
}
