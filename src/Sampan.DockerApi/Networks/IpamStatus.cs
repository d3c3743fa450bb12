namespace Sampan.DockerApi.Networks;

/// <summary>How many addresses are used.</summary>
public sealed record IpamStatus
{
    /// <summary>By subnet, in CIDR form.</summary>
    public IReadOnlyDictionary<string, SubnetStatus>? Subnets { get; init; }
}
