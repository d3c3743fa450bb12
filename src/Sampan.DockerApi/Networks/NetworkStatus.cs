namespace Sampan.DockerApi.Networks;

/// <summary>What a network has now.</summary>
public sealed record NetworkStatus
{
    /// <summary>Its addresses.</summary>
    public IpamStatus? IPAM { get; init; }
}
