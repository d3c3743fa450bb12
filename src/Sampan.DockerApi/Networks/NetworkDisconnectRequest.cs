namespace Sampan.DockerApi.Networks;

/// <summary>The body of POST /networks/{id}/disconnect.</summary>
public sealed record NetworkDisconnectRequest
{
    /// <summary>The container's name or id.</summary>
    public string Container { get; init => field = value ?? ""; } = "";

    /// <summary>Whether to disconnect even if the container can't be found.</summary>
    public bool Force { get; init; }
}
