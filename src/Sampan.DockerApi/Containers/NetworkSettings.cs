using System.Text.Json.Serialization;
using Sampan.DockerApi.Networks;

namespace Sampan.DockerApi.Containers;

/// <summary>A container's network endpoints and published ports.</summary>
public sealed record NetworkSettings
{
    /// <summary>Unused; an empty text for old clients.</summary>
    public string? Bridge { get; init; }

    /// <summary>Id of the network namespace.</summary>
    public string SandboxID { get; init => field = value ?? ""; } = "";

    /// <summary>Path of the network namespace.</summary>
    public string SandboxKey { get; init => field = value ?? ""; } = "";

    /// <summary>Published ports by 'port/protocol'; a null list: exposed only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>? Ports { get; init; }

    /// <summary>Unused.</summary>
    public bool? HairpinMode { get; init; }

    /// <summary>Unused.</summary>
    public string? LinkLocalIPv6Address { get; init; }

    /// <summary>Unused.</summary>
    public int? LinkLocalIPv6PrefixLen { get; init; }

    /// <summary>Unused.</summary>
    public IReadOnlyList<NetworkAddress>? SecondaryIPAddresses { get; init; }

    /// <summary>Unused.</summary>
    public IReadOnlyList<NetworkAddress>? SecondaryIPv6Addresses { get; init; }

    /// <summary>The endpoint on the default bridge.</summary>
    public string? EndpointID { get; init; }

    /// <summary>Gateway on the default bridge.</summary>
    public string? Gateway { get; init; }

    /// <summary>IPv6 address on the default bridge.</summary>
    public string? GlobalIPv6Address { get; init; }

    /// <summary>IPv6 prefix length on the default bridge.</summary>
    public int? GlobalIPv6PrefixLen { get; init; }

    /// <summary>IPv4 address on the default bridge.</summary>
    public string? IPAddress { get; init; }

    /// <summary>IPv4 prefix length on the default bridge.</summary>
    public int? IPPrefixLen { get; init; }

    /// <summary>IPv6 gateway on the default bridge.</summary>
    public string? IPv6Gateway { get; init; }

    /// <summary>MAC address on the default bridge.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Endpoints by network name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, EndpointSettings?>? Networks { get; init; }
}
