using System.Collections.ObjectModel;
using Sampan.Engine.Containers.Endpoints;

namespace Sampan.Engine.Networks;

/// <summary>A network and who is on it.</summary>
public sealed record NetworkSnapshot
{
    /// <summary>64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary><c>bridge</c>, <c>host</c> or <c>null</c>.</summary>
    public required string Driver { get; init; }

    /// <summary>The subnets; empty: none.</summary>
    public IReadOnlyList<SubnetSnapshot> Subnets { get => field ?? []; init; }

    /// <summary>Its containers have addresses of version 6.</summary>
    public bool IPv6 => WantsIPv6 ?? Subnets.Any(s => s.Subnet.Contains(':'));

    /// <summary>Its containers have addresses of version 4, or could have any.</summary>
    public bool IPv4 => WantsIPv4 ?? (IsConfiguration || !IPv6) || Subnets.Any(s => !s.Subnet.Contains(':'));

    /// <summary>What a configuration says of version 4; null: nothing.</summary>
    internal bool? WantsIPv4 { get; init; }

    /// <summary>What a configuration says of version 6; null: nothing.</summary>
    internal bool? WantsIPv6 { get; init; }

    /// <summary>It is no network, but what others are made from.</summary>
    public bool IsConfiguration { get; init; }

    /// <summary>The configuration that it was made from; null: none.</summary>
    public string? ConfigurationName { get; init; }

    /// <summary>Options of the address driver.</summary>
    public IReadOnlyDictionary<string, string> AddressOptions { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>No way out.</summary>
    public bool Internal { get; init; }

    /// <summary>As the user said.</summary>
    public bool Attachable { get; init; }

    /// <summary>Made with the engine, and never removed.</summary>
    public bool IsPredefined { get; init; }

    /// <summary>Its containers talk past its bridge and the host's packet filter; null: it has no bridge.</summary>
    public bool? Shortcut { get; init; }

    /// <summary>The driver's options, in Docker's names.</summary>
    public IReadOnlyDictionary<string, string> Options { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>The user's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Containers that share a virtual address.</summary>
    public IReadOnlyList<ServiceSnapshot> Services { get => field ?? []; init; }

    /// <summary>The running containers on it, by id.</summary>
    public IReadOnlyDictionary<string, EndpointSnapshot> Containers { get => field ?? ReadOnlyDictionary<string, EndpointSnapshot>.Empty; init; }

    /// <summary>The containers' names, by id.</summary>
    public IReadOnlyDictionary<string, string> ContainerNames { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
