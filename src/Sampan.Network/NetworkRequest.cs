namespace Sampan.Network;

/// <summary>A wish for a network: <c>docker network create</c>.</summary>
public sealed record NetworkRequest
{
    /// <summary>The name, which no other network has.</summary>
    public required string Name { get; init; }

    /// <summary>The driver; empty means <c>bridge</c>.</summary>
    public string Driver { get; init; } = "";

    /// <summary>The subnets; a version without one gets it from the daemon's pools.</summary>
    public IReadOnlyList<SubnetRequest> Subnets { get; init; } = [];

    /// <summary>Addresses of version 4; null means yes.</summary>
    public bool? IPv4 { get; init; }

    /// <summary>Addresses of version 6; null means no.</summary>
    public bool? IPv6 { get; init; }

    /// <summary>No way out of the network.</summary>
    public bool Internal { get; init; }

    /// <summary>Kept for <c>inspect</c>: it says something of networks of several hosts only.</summary>
    public bool Attachable { get; init; }

    /// <summary>The driver's options, in Docker's names (<c>com.docker.network.bridge.name</c>…).</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The address driver; empty means <c>default</c>, the only one that gives addresses.</summary>
    public string AddressDriver { get; init; } = "";

    /// <summary>Makes no network, but a configuration for others to be made from.</summary>
    public bool ConfigurationOnly { get; init; }

    /// <summary>The configuration that the network is made from; empty: none.</summary>
    public string ConfigurationName { get; init; } = "";

    /// <summary>The address driver's options; it has none, and keeps them for <c>inspect</c>, as Docker's does.</summary>
    public IReadOnlyDictionary<string, string> AddressOptions { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The user's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
