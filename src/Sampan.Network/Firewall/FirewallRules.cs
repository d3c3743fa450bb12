using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;

namespace Sampan.Network.Firewall;

/// <summary>
/// The daemon's whole rule set as a value, a pure function of its networks. Publishing a port adds elements to two maps;
/// no rule changes when containers come and go. The golden document in the tests explains each chain.
/// </summary>
internal static class FirewallRules
{
    /// <summary>Ports published on all addresses: protocol and port to container address and port.</summary>
    internal const string OnAnyAddress = "published";

    /// <summary>Ports published on one address: that address, protocol and port to container address and port.</summary>
    internal const string OnOneAddress = "published-on";

    internal const string OnAnyAddress6 = "published6";
    internal const string OnOneAddress6 = "published-on6";

    /// <summary>Ports that are open at the container's own address, to everybody or to trusted interfaces.</summary>
    private const string OpenPorts = "open";
    private const string OpenPorts6 = "open6";
    private const string PublishChain = "publish";
    private static readonly NftMap[] s_open =
    [
        new(OpenPorts, [NftType.IPv4Address, NftType.Protocol, NftType.Port], []),
        new(OpenPorts6, [NftType.IPv6Address, NftType.Protocol, NftType.Port], []),
    ];
    private const int Raw = -300;
    private const int DestinationNat = -100;
    private const int SourceNat = 100;
    private const int LoopbackPrefixLength = 8;
    private static readonly IPAddress s_loopback = new([127, 0, 0, 0]);
    private static readonly NftAddress s_fromLoopback = new(Source: true, s_loopback, LoopbackPrefixLength);
    private static readonly NftAddress s_fromLoopback6 = new(Source: true, IPAddress.IPv6Loopback, 128);
    private static readonly NftVerdict s_accept = new(NftVerdictKind.Accept);
    private static readonly NftVerdict s_drop = new(NftVerdictKind.Drop);
    private static readonly NftVerdict s_return = new(NftVerdictKind.Return);

    /// <summary>Builds the rule set.</summary>
    /// <param name="table">The table's name: that of the daemon's default bridge, so that daemons do not meet.</param>
    /// <param name="networks">All bridge networks.</param>
    /// <param name="routingWasOff">This daemon turned the host into a router: what is no container's business stays as closed as it was.</param>
    /// <param name="elements">What is published now.</param>
    /// <param name="routing6WasOff">The same for version 6.</param>
    /// <param name="services">There are containers that share addresses or ports.</param>
    internal static NftTable Build(string table, IReadOnlyList<FirewallNetwork> networks, bool routingWasOff, IReadOnlyList<NftElement> elements, bool routing6WasOff = false, bool services = false) => new()
    {
        Name = table,
        Maps =
        [
            new NftMap(OnAnyAddress, [NftType.Protocol, NftType.Port], [NftType.IPv4Address, NftType.Port]),
            new NftMap(OnOneAddress, [NftType.IPv4Address, NftType.Protocol, NftType.Port], [NftType.IPv4Address, NftType.Port]),
            new NftMap(OnAnyAddress6, [NftType.Protocol, NftType.Port], [NftType.IPv6Address, NftType.Port]),
            new NftMap(OnOneAddress6, [NftType.IPv6Address, NftType.Protocol, NftType.Port], [NftType.IPv6Address, NftType.Port]),
            .. services ? ServiceRules.Maps : [],
            .. networks.Any(n => n.ObeysHost) ? HostPolicyRules.Sets : [],
            .. networks.Any(n => n.OpensPorts) ? s_open : [],
        ],
        Elements = elements,
        Chains =
        [
            new NftChain { Name = "guard", Hook = new NftHook("filter", NftHookPoint.Prerouting, Raw), Rules = [.. networks.SelectMany(Guard)] },
            new NftChain
            {
                Name = PublishChain,
                Rules =
                [
                    .. services ? ServiceRules.Published : [],
                    new NftRule("published on this address", new NftDestinationFromMap(ByAddress: true, OnOneAddress)),
                    new NftRule("published on all addresses", new NftDestinationFromMap(ByAddress: false, OnAnyAddress)),
                    new NftRule("published on this address of version 6", new NftDestinationFromMap(ByAddress: true, OnOneAddress6, Version6: true)),
                    new NftRule("published on all addresses of version 6", new NftDestinationFromMap(ByAddress: false, OnAnyAddress6, Version6: true)),
                ],
            },
            new NftChain
            {
                Name = "prerouting",
                Hook = new NftHook("nat", NftHookPoint.Prerouting, DestinationNat),
                Rules =
                [
                    new NftRule("nobody outside reaches ports published on loopback", new NftAddress(Source: false, s_loopback, LoopbackPrefixLength), s_return),
                    .. services ? networks.SelectMany(ServiceRules.FromContainers) : [],
                    .. networks.Any(n => n.ObeysHost) ? [HostPolicyRules.BeforeRewriting] : Array.Empty<NftRule>(),
                    new NftRule("from outside and from containers", new NftToThisHost(), new NftVerdict(NftVerdictKind.Jump, PublishChain)),
                ],
            },
            new NftChain
            {
                Name = "output",
                Hook = new NftHook("nat", NftHookPoint.Output, DestinationNat),
                Rules =
                [
                    .. services ? ServiceRules.FromHost : [],
                    new NftRule("from the host itself", new NftToThisHost(), new NftVerdict(NftVerdictKind.Jump, PublishChain)),
                ],
            },
            new NftChain { Name = "postrouting", Hook = new NftHook("nat", NftHookPoint.Postrouting, SourceNat), Rules = [.. networks.SelectMany(Masquerade)] },
            new NftChain { Name = "forward", Hook = new NftHook("filter", NftHookPoint.Forward, 0), Rules = [.. networks.SelectMany(Forward), .. StayNoRouter(routingWasOff, routing6WasOff)] },
            .. services ? [ServiceRules.Closed] : Array.Empty<NftChain>(),
            .. networks.Any(n => n.ObeysHost) ? HostPolicyRules.Chains(networks) : [],
            .. networks.Select(ToContainers),
        ],
    };

    /// <summary>The element by which a port is published.</summary>
    internal static NftElement Publish(PortMapping port, IPAddress container)
    {
        NftField[] key = [NftField.Protocol((byte)port.Protocol), NftField.Port(port.HostPort)];
        NftField[] value = [NftField.Address(container), NftField.Port(port.ContainerPort)];
        var version6 = container.AddressFamily == AddressFamily.InterNetworkV6;
        return port.HostAddress.Equals(IPAddress.Any) || port.HostAddress.Equals(IPAddress.IPv6Any)
            ? new NftElement(version6 ? OnAnyAddress6 : OnAnyAddress, key, value)
            : new NftElement(version6 ? OnOneAddress6 : OnOneAddress, [NftField.Address(port.HostAddress), .. key], value);
    }

    /// <summary>The element by which a container's port is open at the container's own address.</summary>
    internal static NftElement Open(PortMapping port, IPAddress container) =>
        new(container.AddressFamily == AddressFamily.InterNetworkV6 ? OpenPorts6 : OpenPorts, [NftField.Address(container), NftField.Protocol((byte)port.Protocol), NftField.Port(port.ContainerPort)], []);

    // route_localnet, without which the host's own 127.0.0.1 could not reach a container, also lets containers name
    // 127.0.0.0/8 on the bridge (CVE-2020-8558): before connection tracking, where honest answers still carry the bridge's address.
    private static IEnumerable<NftRule> Guard(FirewallNetwork network) =>
    [
        new NftRule("containers do not reach the host's loopback", Into(network), new NftAddress(Source: false, s_loopback, LoopbackPrefixLength), s_drop),
        new NftRule("containers do not pose as the host's loopback", Into(network), new NftAddress(Source: true, s_loopback, LoopbackPrefixLength), s_drop),
    ];

    private static IEnumerable<NftRule> Masquerade(FirewallNetwork network)
    {
        foreach (var subnet in new[] { network.Subnet, network.Subnet6 }.OfType<Subnet>())
        {
            var fromSubnet = new NftAddress(Source: true, subnet.Network, subnet.PrefixLength);
            if (network is { IsInternal: false, Masquerade: true } && network.ModeOf(subnet.IsVersion6) != GatewayMode.Routed)
                yield return new NftRule("containers go out as the host", fromSubnet, OutOf(network) with { Equal = false }, network.SourceOf(subnet.IsVersion6) is { } source ? new NftSourceNat(source) : new NftMasquerade());
            yield return new NftRule("the host's loopback visits as the bridge", OutOf(network), subnet.IsVersion6 ? s_fromLoopback6 : s_fromLoopback, new NftMasquerade());
            yield return new NftRule("containers visit neighbours' published ports as the bridge", OutOf(network), fromSubnet, new NftDestinationRewritten(), new NftMasquerade());
        }
    }

    private static IEnumerable<NftRule> Forward(FirewallNetwork network)
    {
        if (network.IsInternal)
            yield return new NftRule("no way out of an internal network", Into(network), OutOf(network) with { Equal = false }, s_drop);
        yield return new NftRule("all that goes to containers", OutOf(network), new NftVerdict(NftVerdictKind.Jump, ToChain(network)));
    }

    private static NftChain ToContainers(FirewallNetwork network) => new()
    {
        Name = ToChain(network),
        Rules =
        [
            new NftRule("answers", new NftEstablished(), s_accept),
            new NftRule("neighbours on the bridge", Into(network), s_accept),
            .. network.IsInternal ? Array.Empty<NftRule>() : [new NftRule("published ports", new NftDestinationRewritten(), s_accept)],
            .. network.IsInternal ? [] : AtOwnAddress(network),
            new NftRule("everything else, IPv6 too", s_drop),
        ],
    };

    // What is called at the container's own address, by whoever has a route there.
    private static IEnumerable<NftRule> AtOwnAddress(FirewallNetwork network)
    {
        foreach (var version6 in new[] { network.Subnet?.IsVersion6, network.Subnet6?.IsVersion6 }.OfType<bool>())
        {
            var open = new NftPortInSet(Address: false, version6 ? OpenPorts6 : OpenPorts, version6);
            if (network.ModeOf(version6) == GatewayMode.Routed)
                yield return new NftRule("ports that are open at the container's own address", open, s_accept);
            else if (network.ModeOf(version6) == GatewayMode.NatUnprotected)
                yield return new NftRule("all ports are open at the container's own address", new NftVersion(version6), s_accept);
            foreach (var trusted in network.Trusted)
                yield return new NftRule("trusted interfaces call published ports at the container's own address", new NftInterface(Incoming: true, trusted), open, s_accept);
        }
    }

    private static IEnumerable<NftRule> StayNoRouter(bool version4, bool version6)
    {
        if (!version4 && !version6)
            yield break;
        yield return new NftRule("virtual interfaces have owners who know", new NftVirtualInterface(Incoming: true), s_return);
        yield return new NftRule("virtual interfaces have owners who know", new NftVirtualInterface(Incoming: false), s_return);
        if (version4)
            yield return new NftRule("this host routed nothing before", new NftVersion(Version6: false), s_drop);
        if (version6)
            yield return new NftRule("this host routed nothing of version 6 before", new NftVersion(Version6: true), s_drop);
    }

    private static NftInterface Into(FirewallNetwork network) => new(Incoming: true, network.Bridge);

    private static NftInterface OutOf(FirewallNetwork network) => new(Incoming: false, network.Bridge);

    private static string ToChain(FirewallNetwork network) => $"to-{network.Bridge}";
}
