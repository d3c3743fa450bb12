using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Netlink.Nftables;

namespace Sampan.Network.Firewall;

/// <summary>
/// The part of the rule set by which published ports obey the host's own input rules, whoever wrote them (ufw, firewalld, an
/// administrator). A published port is forwarded, and such rules never see it. So a stranger's first packet is not rewritten: it
/// goes the way of packets for the host, through everybody's input chains. What comes out at their end was accepted by all of
/// them: the sender is remembered, the packet dropped, and its repetition is rewritten and forwarded.
/// </summary>
internal static class HostPolicyRules
{
    /// <summary>Ports on all addresses whose callers are shown to the host's input rules.</summary>
    private const string Asked = "asked";
    private const string AskedOn = "asked-on";
    private const string Asked6 = "asked6";
    private const string AskedOn6 = "asked-on6";

    /// <summary>Who was let in to which port.</summary>
    private const string Admitted = "admitted";
    private const string Admitted6 = "admitted6";
    private const string AskChain = "ask";
    private const int BehindEverybody = 300;
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(5);
    private static readonly NftVerdict s_return = new(NftVerdictKind.Return);
    private static readonly NftVerdict s_untouched = new(NftVerdictKind.Accept);
    private static readonly NftVerdict s_drop = new(NftVerdictKind.Drop);

    internal static IReadOnlyList<NftMap> Sets { get; } =
    [
        new(Asked, [NftType.Protocol, NftType.Port], []),
        new(AskedOn, [NftType.IPv4Address, NftType.Protocol, NftType.Port], []),
        new(Asked6, [NftType.Protocol, NftType.Port], []),
        new(AskedOn6, [NftType.IPv6Address, NftType.Protocol, NftType.Port], []),
        new(Admitted, [NftType.IPv4Address, NftType.Protocol, NftType.Port], []) { Memory = s_memory },
        new(Admitted6, [NftType.IPv6Address, NftType.Protocol, NftType.Port], []) { Memory = s_memory },
    ];

    /// <summary>Before destinations are rewritten, of packets for this host from elsewhere.</summary>
    internal static NftRule BeforeRewriting { get; } = new("ports that obey the host's own input rules", new NftToThisHost(), new NftVerdict(NftVerdictKind.Jump, AskChain));

    /// <summary>The chains; containers of these networks are no strangers.</summary>
    internal static IEnumerable<NftChain> Chains(IReadOnlyList<FirewallNetwork> networks) =>
    [
        new NftChain
        {
            Name = AskChain,
            Rules =
            [
                .. networks.Select(n => new NftRule("containers are no strangers", new NftInterface(Incoming: true, n.Bridge), s_return)),
                new NftRule("the host let them in", new NftPortInSet(Address: true, Admitted), s_return),
                new NftRule("the host let them in", new NftPortInSet(Address: true, Admitted6, Version6: true), s_return),
                .. Ports.Select(p => new NftRule("the host's own rules are asked first", [.. p, s_untouched])),
            ],
        },
        new NftChain
        {
            Name = "admit",
            Hook = new NftHook("filter", NftHookPoint.Input, BehindEverybody),
            Rules =
            [
                .. Ports.Select((p, i) => new NftRule("nobody refused: let in from now on", [.. p, i < 2 ? new NftRemember(Admitted) : new NftRemember(Admitted6, Version6: true), s_drop])),
            ],
        },
    ];

    /// <summary>The element by which a published port obeys.</summary>
    internal static NftElement Ask(PortMapping port)
    {
        NftField[] key = [NftField.Protocol((byte)port.Protocol), NftField.Port(port.HostPort)];
        var version6 = port.HostAddress.AddressFamily == AddressFamily.InterNetworkV6;
        return port.HostAddress.Equals(IPAddress.Any) || port.HostAddress.Equals(IPAddress.IPv6Any)
            ? new NftElement(version6 ? Asked6 : Asked, key, [])
            : new NftElement(version6 ? AskedOn6 : AskedOn, [NftField.Address(port.HostAddress), .. key], []);
    }

    private static IReadOnlyList<NftStatement[]> Ports { get; } =
    [
        [new NftPortInSet(Address: false, AskedOn)],
        [new NftVersion(Version6: false), new NftPortInSet(Address: null, Asked)],
        [new NftPortInSet(Address: false, AskedOn6, Version6: true)],
        [new NftVersion(Version6: true), new NftPortInSet(Address: null, Asked6)],
    ];
}
