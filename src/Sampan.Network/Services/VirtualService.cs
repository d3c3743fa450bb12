using System.Net;

namespace Sampan.Network.Services;

/// <summary>A service's place on one network as it is remembered: its addresses stay while containers come and go.</summary>
internal sealed record VirtualService
{
    /// <summary>What its containers call it, unique on the network.</summary>
    public required string Name { get; init; }

    public string? Address { get; init; }

    public string? Address6 { get; init; }

    /// <summary>Further names that mean its addresses: those that its latest container brought.</summary>
    public IReadOnlyList<string> Names { get => field ?? []; init; }

    internal IPAddress? AddressOf(bool version6) => (version6 ? Address6 : Address) is { } address ? IPAddress.Parse(address) : null;

    internal IEnumerable<IPAddress> Addresses => new[] { AddressOf(version6: false), AddressOf(version6: true) }.OfType<IPAddress>();
}
