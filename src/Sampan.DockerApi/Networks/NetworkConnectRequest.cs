namespace Sampan.DockerApi.Networks;

/// <summary>The body of POST /networks/{id}/connect.</summary>
public sealed record NetworkConnectRequest
{
    /// <summary>The container's name or id.</summary>
    public string Container { get; init => field = value ?? ""; } = "";

    /// <summary>Wishes about the endpoint.</summary>
    public EndpointSettings? EndpointConfig { get; init; }
}
