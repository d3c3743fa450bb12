using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Networks;

/// <summary>A network: an entry of GET /networks and the answer of GET /networks/{id}.</summary>
public sealed record NetworkInspect
{
    /// <summary>Its name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Its id.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>When it was created, RFC 3339.</summary>
    public string Created { get; init => field = value ?? ""; } = "";

    /// <summary>local, global or swarm.</summary>
    public string Scope { get; init => field = value ?? ""; } = "";

    /// <summary>Its driver.</summary>
    public string Driver { get; init => field = value ?? ""; } = "";

    /// <summary>Whether it has IPv4.</summary>
    public bool EnableIPv4 { get; init; }

    /// <summary>Whether it has IPv6.</summary>
    public bool EnableIPv6 { get; init; }

    /// <summary>How it gives addresses.</summary>
    public Ipam? IPAM { get; init; }

    /// <summary>Whether it has no way out.</summary>
    public bool Internal { get; init; }

    /// <summary>Whether containers may join a swarm network.</summary>
    public bool Attachable { get; init; }

    /// <summary>Whether it is the swarm's ingress network.</summary>
    public bool Ingress { get; init; }

    /// <summary>The network whose configuration it takes.</summary>
    public ConfigReference? ConfigFrom { get; init; }

    /// <summary>Whether it is only a configuration.</summary>
    public bool ConfigOnly { get; init; }

    /// <summary>Endpoints by container id; lists leave them out.</summary>
    public IReadOnlyDictionary<string, EndpointResource>? Containers { get; init; }

    /// <summary>Containers that share a virtual address, by the service's name; lists leave them out.</summary>
    public IReadOnlyDictionary<string, ServiceResource>? Services { get; init; }

    /// <summary>How many of its addresses are used; lists leave it out.</summary>
    public NetworkStatus? Status { get; init; }

    /// <summary>Sampan's: whether containers talk past the bridge and the host's packet filter; absent in lists, and without a bridge.</summary>
    public bool? Shortcut { get; init; }

    /// <summary>Driver options.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>Labels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}
