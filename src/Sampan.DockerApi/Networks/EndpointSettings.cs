using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Networks;

/// <summary>A container's endpoint on one network: wishes in requests, facts in answers.</summary>
public sealed record EndpointSettings
{
    /// <summary>Wishes about addresses.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public EndpointIpamConfig? IPAMConfig { get; init; }

    /// <summary>Links to other containers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Links { get; init; }

    /// <summary>Further names on the network.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Aliases { get; init; }

    /// <summary>MAC address.</summary>
    public string MacAddress { get; init => field = value ?? ""; } = "";

    /// <summary>Driver options.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? DriverOpts { get; init; }

    /// <summary>The highest one gives the default gateway.</summary>
    public long GwPriority { get; init; }

    /// <summary>The network's id.</summary>
    public string NetworkID { get; init => field = value ?? ""; } = "";

    /// <summary>The endpoint's id.</summary>
    public string EndpointID { get; init => field = value ?? ""; } = "";

    /// <summary>IPv4 gateway.</summary>
    public string Gateway { get; init => field = value ?? ""; } = "";

    /// <summary>IPv4 address.</summary>
    public string IPAddress { get; init => field = value ?? ""; } = "";

    /// <summary>IPv4 prefix length.</summary>
    public int IPPrefixLen { get; init; }

    /// <summary>IPv6 gateway.</summary>
    public string IPv6Gateway { get; init => field = value ?? ""; } = "";

    /// <summary>IPv6 address.</summary>
    public string GlobalIPv6Address { get; init => field = value ?? ""; } = "";

    /// <summary>IPv6 prefix length.</summary>
    public int GlobalIPv6PrefixLen { get; init; }

    /// <summary>Names it answers to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? DNSNames { get; init; }
}
