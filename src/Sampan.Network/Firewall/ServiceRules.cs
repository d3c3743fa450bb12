using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Netlink.Nftables;

namespace Sampan.Network.Firewall;

/// <summary>
/// The part of the rule set that is there while services are: their virtual addresses and their published ports lead each new
/// connection to one of those who are ready. No rule changes when containers come and go: they fill slots of maps.
/// </summary>
internal static class ServiceRules
{
    /// <summary>A virtual address and a slot to a container's address.</summary>
    internal const string Virtual = "virtual";

    /// <summary>Protocol, port and a slot to a container's address and port.</summary>
    internal const string Balanced = "balanced";

    /// <summary>One of the host's addresses, protocol, port and a slot to a container's address and port.</summary>
    internal const string BalancedOn = "balanced-on";

    private const string Virtual6 = "virtual6";
    private const string Balanced6 = "balanced6";
    private const string BalancedOn6 = "balanced-on6";
    private const string Addresses = "virtual-addresses";
    private const string Addresses6 = "virtual-addresses6";

    internal static IReadOnlyList<NftMap> Maps { get; } =
    [
        new(Virtual, [NftType.IPv4Address, NftType.Slot], [NftType.IPv4Address]),
        new(Balanced, [NftType.Protocol, NftType.Port, NftType.Slot], [NftType.IPv4Address, NftType.Port]),
        new(BalancedOn, [NftType.IPv4Address, NftType.Protocol, NftType.Port, NftType.Slot], [NftType.IPv4Address, NftType.Port]),
        new(Virtual6, [NftType.IPv6Address, NftType.Slot], [NftType.IPv6Address]),
        new(Balanced6, [NftType.Protocol, NftType.Port, NftType.Slot], [NftType.IPv6Address, NftType.Port]),
        new(BalancedOn6, [NftType.IPv6Address, NftType.Protocol, NftType.Port, NftType.Slot], [NftType.IPv6Address, NftType.Port]),
        new(Addresses, [NftType.IPv4Address], []),
        new(Addresses6, [NftType.IPv6Address], []),
    ];

    /// <summary>In the chain of published ports, before those of single containers.</summary>
    internal static IReadOnlyList<NftRule> Published { get; } =
    [
        new("services published on this address", new NftBalancedDestination(NftBalancedKey.AddressAndPort, BalancedOn)),
        new("services published on all addresses", new NftBalancedDestination(NftBalancedKey.Port, Balanced)),
        new("services published on this address of version 6", new NftBalancedDestination(NftBalancedKey.AddressAndPort, BalancedOn6, Version6: true)),
        new("services published on all addresses of version 6", new NftBalancedDestination(NftBalancedKey.Port, Balanced6, Version6: true)),
    ];

    /// <summary>The host itself reaches virtual addresses of all networks.</summary>
    internal static IReadOnlyList<NftRule> FromHost { get; } =
    [
        new("virtual addresses, from the host itself", new NftBalancedDestination(NftBalancedKey.Address, Virtual)),
        new("virtual addresses of version 6, from the host itself", new NftBalancedDestination(NftBalancedKey.Address, Virtual6, Version6: true)),
    ];

    /// <summary>
    /// A virtual address is the host's, so that neighbours find it; what no container takes must not end at the host's own
    /// programs: without a ready container, and from other networks, nobody is there.
    /// </summary>
    internal static NftChain Closed { get; } = new()
    {
        Name = "closed",
        Hook = new NftHook("filter", NftHookPoint.Input, 0),
        Rules =
        [
            new NftRule("answers to the host, which calls from the address that it calls", new NftEstablished(), new NftVerdict(NftVerdictKind.Accept)),
            new NftRule("neighbours ask for the address", new NftNeighbour6(Answer: false), new NftVerdict(NftVerdictKind.Accept)),
            new NftRule("neighbours that the host asked for from the address", new NftNeighbour6(Answer: true), new NftVerdict(NftVerdictKind.Accept)),
            new NftRule("nobody of the service takes it", new NftAddressInSet(Addresses), new NftReject(Tcp: true)),
            new NftRule("nobody of the service takes it", new NftAddressInSet(Addresses), new NftReject(Tcp: false)),
            new NftRule("nobody of the service takes it", new NftAddressInSet(Addresses6, Version6: true), new NftReject(Tcp: true)),
            new NftRule("nobody of the service takes it", new NftAddressInSet(Addresses6, Version6: true), new NftReject(Tcp: false)),
        ],
    };

    /// <summary>Containers reach the virtual addresses of the networks they are on, and of no other.</summary>
    internal static IEnumerable<NftRule> FromContainers(FirewallNetwork network)
    {
        var into = new NftInterface(Incoming: true, network.Bridge);
        if (network.Subnet is { } subnet)
            yield return new NftRule("virtual addresses, for neighbours", into, new NftAddress(Source: false, subnet.Network, subnet.PrefixLength), new NftBalancedDestination(NftBalancedKey.Address, Virtual));
        if (network.Subnet6 is { } subnet6)
            yield return new NftRule("virtual addresses of version 6, for neighbours", into, new NftAddress(Source: false, subnet6.Network, subnet6.PrefixLength), new NftBalancedDestination(NftBalancedKey.Address, Virtual6, Version6: true));
    }

    /// <summary>An address is a virtual one.</summary>
    internal static NftElement Address(IPAddress address) => new(Is6(address) ? Addresses6 : Addresses, [NftField.Address(address)], []);

    /// <summary>A virtual address leads to these.</summary>
    internal static IEnumerable<NftElement> Lead(IPAddress address, IReadOnlyList<IPAddress> ready) =>
        Slots(ready).Select(s => new NftElement(Is6(address) ? Virtual6 : Virtual, [NftField.Address(address), NftField.Slot(s.Slot)], [NftField.Address(s.Owner)]));

    /// <summary>A published port leads to these.</summary>
    internal static IEnumerable<NftElement> Publish(PortMapping port, IReadOnlyList<(IPAddress Address, ushort Port)> ready)
    {
        if (ready.Count == 0)
            return [];
        var version6 = Is6(ready[0].Address);
        var any = port.HostAddress.Equals(IPAddress.Any) || port.HostAddress.Equals(IPAddress.IPv6Any);
        var map = (any, version6) switch { (true, false) => Balanced, (true, true) => Balanced6, (false, false) => BalancedOn, _ => BalancedOn6 };
        NftField[] key = [.. any ? Array.Empty<NftField>() : [NftField.Address(port.HostAddress)], NftField.Protocol((byte)port.Protocol), NftField.Port(port.HostPort)];
        return Slots(ready).Select(s => new NftElement(map, [.. key, NftField.Slot(s.Slot)], [NftField.Address(s.Owner.Address), NftField.Port(s.Owner.Port)]));
    }

    private static IEnumerable<(int Slot, T Owner)> Slots<T>(IReadOnlyList<T> ready) =>
        ready.Count == 0 ? [] : Enumerable.Range(0, NftBalancedDestination.Slots).Select(i => (i, ready[i % ready.Count]));

    private static bool Is6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;
}
