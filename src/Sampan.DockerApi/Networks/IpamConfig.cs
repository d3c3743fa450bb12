namespace Sampan.DockerApi.Networks;

/// <summary>One subnet of a network.</summary>
public sealed record IpamConfig
{
    /// <summary>The subnet as CIDR.</summary>
    public string? Subnet { get; init; }

    /// <summary>Where addresses are taken from, as CIDR.</summary>
    public string? IPRange { get; init; }

    /// <summary>The gateway.</summary>
    public string? Gateway { get; init; }

    /// <summary>Addresses that are taken, by name.</summary>
    public IReadOnlyDictionary<string, string>? AuxiliaryAddresses { get; init; }
}
