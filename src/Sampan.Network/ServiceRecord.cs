using System.Net;

namespace Sampan.Network;

/// <summary>A service on a network: containers that share one virtual address and its names.</summary>
public sealed record ServiceRecord
{
    /// <summary>What its containers call it.</summary>
    public required string Name { get; init; }

    /// <summary>The virtual address of version 4; null: the network has none of that version.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The virtual address of version 6; null: the network has none of that version.</summary>
    public IPAddress? Address6 { get; init; }

    /// <summary>Further names that mean the virtual address.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Its containers on this network.</summary>
    public IReadOnlyList<ServiceMember> Members { get; init; } = [];
}
