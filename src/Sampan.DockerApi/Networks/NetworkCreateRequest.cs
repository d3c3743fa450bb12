namespace Sampan.DockerApi.Networks;

/// <summary>The body of POST /networks/create.</summary>
public sealed record NetworkCreateRequest
{
    /// <summary>Its name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Unused; for old clients.</summary>
    public bool? CheckDuplicate { get; init; }

    /// <summary>Its driver; empty: bridge.</summary>
    public string Driver { get; init => field = value ?? ""; } = "";

    /// <summary>local, global or swarm.</summary>
    public string Scope { get; init => field = value ?? ""; } = "";

    /// <summary>Whether it has IPv4; null: the engine's default.</summary>
    public bool? EnableIPv4 { get; init; }

    /// <summary>Whether it has IPv6; null: the engine's default.</summary>
    public bool? EnableIPv6 { get; init; }

    /// <summary>How it gives addresses; null: the engine chooses.</summary>
    public Ipam? IPAM { get; init; }

    /// <summary>Whether it has no way out.</summary>
    public bool Internal { get; init; }

    /// <summary>Whether containers may join a swarm network.</summary>
    public bool Attachable { get; init; }

    /// <summary>Whether it is the swarm's ingress network.</summary>
    public bool Ingress { get; init; }

    /// <summary>Whether it is only a configuration.</summary>
    public bool ConfigOnly { get; init; }

    /// <summary>The network whose configuration it takes.</summary>
    public ConfigReference? ConfigFrom { get; init; }

    /// <summary>Driver options.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}
