namespace Sampan.Network;

/// <summary>A network as <c>docker network ls</c> and <c>inspect</c> show it.</summary>
public sealed record NetworkRecord
{
    /// <summary>64 hexadecimal digits, stable over restarts.</summary>
    public required string Id { get; init; }

    /// <summary>The name, unique.</summary>
    public required string Name { get; init; }

    /// <summary><c>bridge</c>, <c>host</c> or <c>null</c>.</summary>
    public required string Driver { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The subnets; empty where there are none.</summary>
    public IReadOnlyList<SubnetRecord> Subnets { get; init; } = [];

    /// <summary>The bridge's interface name, or null.</summary>
    public string? Bridge { get; init; }

    /// <summary>The largest packet, bytes; null where the network has no links of its own.</summary>
    public int? Mtu { get; init; }

    /// <summary>No way out of the network.</summary>
    public bool Internal { get; init; }

    /// <summary>As the user said.</summary>
    public bool Attachable { get; init; }

    /// <summary>Made with the daemon: <c>bridge</c>, <c>host</c>, <c>none</c>.</summary>
    public bool IsPredefined { get; init; }

    /// <summary>The driver's options in Docker's words, for <c>inspect</c>.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What networks made from it will be asked for; null: it is a network, not a configuration.</summary>
    public NetworkRequest? Configuration { get; init; }

    /// <summary>The configuration that it was made from, or null.</summary>
    public string? ConfigurationName { get; init; }

    /// <summary>Options of the address driver.</summary>
    public IReadOnlyDictionary<string, string> AddressOptions { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The user's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Containers that share a virtual address.</summary>
    public IReadOnlyList<ServiceRecord> Services { get; init; } = [];

    /// <summary>Who is on it now.</summary>
    public IReadOnlyList<NetworkMember> Members { get; init; } = [];

    /// <summary>Its containers talk past its bridge and the host's packet filter; null: it has no bridge.</summary>
    public bool? Shortcut { get; init; }

    /// <summary>Published ports obey the host's own input rules.</summary>
    public bool ObeysHost { get; init; }
}
