using System.Net;
using System.Net.Sockets;
using static Sampan.Linux.Netlink.Route.RouteConstants;

namespace Sampan.Linux.Netlink.Route;

/// <summary>
/// Changes to links, addresses and routes that travel to the kernel in one call. Not a transaction: the kernel does them
/// in order and goes on after a failure; <see cref="RouteSocket.Commit"/> reports the first one.
/// </summary>
public sealed partial class RouteBatch
{
    private readonly NetlinkWriter _writer = new();
    private readonly List<string> _acts = [];

    internal NetlinkWriter Writer => _writer;

    internal uint LastSequence => (uint)_acts.Count;

    /// <summary>Makes a bridge, down and without addresses.</summary>
    /// <param name="name">Its interface name.</param>
    /// <param name="hardwareAddress">Six bytes. A bridge without one of its own takes its lowest port's, and changes it as ports come and go.</param>
    public RouteBatch AddBridge(string name, ReadOnlyMemory<byte> hardwareAddress)
    {
        Begin(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, $"make bridge '{name}'");
        _writer.Fixed(default(LinkHeader));
        _writer.Attribute(IFLA_IFNAME, name);
        _writer.Attribute(IFLA_ADDRESS, hardwareAddress.Span);
        var info = _writer.BeginNested(IFLA_LINKINFO);
        _writer.Attribute(IFLA_INFO_KIND, "bridge");
        _writer.EndNested(info);
        return End();
    }

    /// <summary>Makes a dummy interface, down and without addresses.</summary>
    public RouteBatch AddDummy(string name)
    {
        Begin(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, $"make dummy link '{name}'");
        _writer.Fixed(default(LinkHeader));
        _writer.Attribute(IFLA_IFNAME, name);
        var info = _writer.BeginNested(IFLA_LINKINFO);
        _writer.Attribute(IFLA_INFO_KIND, "dummy");
        _writer.EndNested(info);
        return End();
    }

    /// <summary>Makes a VLAN of an interface, down.</summary>
    public RouteBatch AddVlan(string name, int parent, ushort number)
    {
        Begin(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, $"make VLAN {number} '{name}'");
        _writer.Fixed(default(LinkHeader));
        _writer.Attribute(IFLA_IFNAME, name);
        _writer.Attribute(IFLA_LINK, parent);
        var info = _writer.BeginNested(IFLA_LINKINFO);
        _writer.Attribute(IFLA_INFO_KIND, "vlan");
        var data = _writer.BeginNested(IFLA_INFO_DATA);
        _writer.Attribute(IFLA_VLAN_ID, BitConverter.GetBytes(number));
        _writer.EndNested(data);
        _writer.EndNested(info);
        return End();
    }

    /// <summary>Makes an interface in another namespace that shares a parent's wire, down.</summary>
    /// <param name="kind"><c>macvlan</c> or <c>ipvlan</c>.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="parent">The number of the parent here.</param>
    /// <param name="space">The other namespace.</param>
    /// <param name="mode">The kernel's number of the mode.</param>
    /// <param name="flags">ipvlan's flags.</param>
    /// <param name="mtu">The largest packet, bytes.</param>
    /// <param name="hardwareAddress">Six bytes; null: ipvlan has its parent's.</param>
    public RouteBatch AddOnWire(string kind, string name, int parent, SafeFd space, uint mode, ushort flags, int mtu, ReadOnlyMemory<byte>? hardwareAddress)
    {
        const ushort modeAttribute = 1;
        const ushort flagsAttribute = 2;
        Begin(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, $"make {kind} '{name}'");
        _writer.Fixed(default(LinkHeader));
        _writer.Attribute(IFLA_IFNAME, name);
        _writer.Attribute(IFLA_LINK, parent);
        _writer.Attribute(IFLA_MTU, mtu);
        _writer.Attribute(IFLA_NET_NS_FD, space.Number);
        if (hardwareAddress is { } address)
            _writer.Attribute(IFLA_ADDRESS, address.Span);
        var info = _writer.BeginNested(IFLA_LINKINFO);
        _writer.Attribute(IFLA_INFO_KIND, kind);
        var data = _writer.BeginNested(IFLA_INFO_DATA);
        if (kind == "ipvlan")
        {
            _writer.Attribute(modeAttribute, BitConverter.GetBytes((ushort)mode));
            _writer.Attribute(flagsAttribute, BitConverter.GetBytes(flags));
        }
        else
        {
            _writer.Attribute(modeAttribute, mode);
        }

        _writer.EndNested(data);
        _writer.EndNested(info);
        return End();
    }

    /// <summary>Makes a pair of joined interfaces, both down.</summary>
    public RouteBatch AddVeth(VethPair pair)
    {
        Begin(RTM_NEWLINK, NetlinkFlags.Create | NetlinkFlags.Exclusive, $"make veth pair '{pair.Name}'");
        _writer.Fixed(default(LinkHeader));
        _writer.Attribute(IFLA_IFNAME, pair.Name);
        _writer.Attribute(IFLA_MTU, pair.Mtu);
        if (pair.Master is { } master)
            _writer.Attribute(IFLA_MASTER, master);
        var info = _writer.BeginNested(IFLA_LINKINFO);
        _writer.Attribute(IFLA_INFO_KIND, "veth");
        var data = _writer.BeginNested(IFLA_INFO_DATA);
        var peer = _writer.BeginNested(VETH_INFO_PEER);
        _writer.Fixed(default(LinkHeader));
        _writer.Attribute(IFLA_IFNAME, pair.PeerName);
        _writer.Attribute(IFLA_MTU, pair.Mtu);
        _writer.Attribute(IFLA_NET_NS_FD, pair.PeerNamespace.Number);
        if (pair.PeerHardwareAddress is { } address)
            _writer.Attribute(IFLA_ADDRESS, address.Span);
        _writer.EndNested(peer);
        _writer.EndNested(data);
        _writer.EndNested(info);
        return End();
    }

    /// <summary>Takes an interface up or down, found by its name.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="up">Up or down.</param>
    /// <param name="noIPv6Addresses">Give it no link-local address of version 6 when it comes up.</param>
    public RouteBatch SetUp(string name, bool up = true, bool noIPv6Addresses = false)
    {
        Begin(RTM_NEWLINK, NetlinkFlags.None, $"take link '{name}' {(up ? "up" : "down")}");
        _writer.Fixed(new LinkHeader { Flags = up ? IFF_UP : 0, Change = IFF_UP });
        _writer.Attribute(IFLA_IFNAME, name);
        if (noIPv6Addresses)
            NoIPv6Addresses();
        return End();
    }

    /// <summary>Takes an interface up or down.</summary>
    /// <param name="index">The number of the interface.</param>
    /// <param name="up">Up or down.</param>
    public RouteBatch SetUp(int index, bool up = true)
    {
        Begin(RTM_NEWLINK, NetlinkFlags.None, $"take link {index} {(up ? "up" : "down")}");
        _writer.Fixed(new LinkHeader { Index = index, Flags = up ? IFF_UP : 0, Change = IFF_UP });
        return End();
    }

    /// <summary>Sets the largest packet of an interface, bytes.</summary>
    public RouteBatch SetMtu(int index, int mtu)
    {
        BeginChange(index, $"set the mtu of link {index} to {mtu}");
        _writer.Attribute(IFLA_MTU, mtu);
        return End();
    }

    /// <summary>Sets the hardware address of an interface, six bytes.</summary>
    public RouteBatch SetHardwareAddress(int index, ReadOnlyMemory<byte> address)
    {
        BeginChange(index, $"set the hardware address of link {index}");
        _writer.Attribute(IFLA_ADDRESS, address.Span);
        return End();
    }

    /// <summary>Makes an interface a port of a bridge, with its largest packet in bytes.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="master">The number of the bridge.</param>
    /// <param name="mtu">Bytes.</param>
    public RouteBatch SetPort(string name, int master, int mtu)
    {
        Begin(RTM_NEWLINK, NetlinkFlags.None, $"make link '{name}' a port of bridge {master}");
        _writer.Fixed(default(LinkHeader));
        _writer.Attribute(IFLA_IFNAME, name);
        _writer.Attribute(IFLA_MTU, mtu);
        _writer.Attribute(IFLA_MASTER, master);
        return End();
    }

    /// <summary>Lets a bridge send packets back by the port they came from.</summary>
    /// <param name="name">An interface that is a port of a bridge.</param>
    public RouteBatch SetHairpin(string name)
    {
        Begin(RTM_NEWLINK, NetlinkFlags.None, $"let packets turn at link '{name}'");
        _writer.Fixed(default(LinkHeader));
        _writer.Attribute(IFLA_IFNAME, name);
        var info = _writer.BeginNested(IFLA_LINKINFO);
        _writer.Attribute(IFLA_INFO_SLAVE_KIND, "bridge");
        var data = _writer.BeginNested(IFLA_INFO_SLAVE_DATA);
        _writer.Attribute(IFLA_BRPORT_MODE, (byte)1);
        _writer.EndNested(data);
        _writer.EndNested(info);
        return End();
    }

    /// <summary>Keeps a bridge from sending packets between this port and others of the same kind: containers that may not talk to each other.</summary>
    /// <param name="name">An interface that is a port of a bridge.</param>
    public RouteBatch SetIsolated(string name)
    {
        Begin(RTM_NEWLINK, NetlinkFlags.None, $"isolate port '{name}'");
        _writer.Fixed(default(LinkHeader));
        _writer.Attribute(IFLA_IFNAME, name);
        var info = _writer.BeginNested(IFLA_LINKINFO);
        _writer.Attribute(IFLA_INFO_SLAVE_KIND, "bridge");
        var data = _writer.BeginNested(IFLA_INFO_SLAVE_DATA);
        _writer.Attribute(IFLA_BRPORT_ISOLATED, (byte)1);
        _writer.EndNested(data);
        _writer.EndNested(info);
        return End();
    }

    /// <summary>Renames an interface; it must be down on kernels before 6.2.</summary>
    public RouteBatch Rename(int index, string name)
    {
        BeginChange(index, $"rename link {index} to '{name}'");
        _writer.Attribute(IFLA_IFNAME, name);
        return End();
    }

    /// <summary>Removes an interface, and with it the other end of a pair.</summary>
    public RouteBatch DeleteLink(int index)
    {
        Begin(RTM_DELLINK, NetlinkFlags.None, $"remove link {index}");
        _writer.Fixed(new LinkHeader { Index = index });
        return End();
    }

    /// <summary>Gives an interface an address; version 4 gets a broadcast address too, as Docker's have.</summary>
    public RouteBatch AddAddress(int index, IPAddress address, int prefixLength)
    {
        Begin(RTM_NEWADDR, NetlinkFlags.Create | NetlinkFlags.Exclusive, $"add address '{address}/{prefixLength}' to link {index}");
        AddressBody(index, address, prefixLength);
        if (address.AddressFamily == AddressFamily.InterNetwork && prefixLength < 31)
        {
            var broadcast = address.GetAddressBytes();
            for (var bit = prefixLength; bit < 32; bit++)
                broadcast[bit / 8] |= (byte)(0x80 >> (bit % 8));
            _writer.Attribute(IFA_BROADCAST, broadcast);
        }

        return End();
    }

    /// <summary>Takes an address from an interface.</summary>
    public RouteBatch DeleteAddress(int index, IPAddress address, int prefixLength)
    {
        Begin(RTM_DELADDR, NetlinkFlags.None, $"remove address '{address}/{prefixLength}' from link {index}");
        AddressBody(index, address, prefixLength);
        return End();
    }

    /// <summary>Adds a route to the main table, in the place of one to the same destination, if there is one.</summary>
    /// <param name="index">The outgoing interface.</param>
    /// <param name="destination">The destination's network address.</param>
    /// <param name="prefixLength">The length of its prefix; 0 for the default route.</param>
    /// <param name="gateway">The next hop; null if the destination is on the link.</param>
    public RouteBatch ReplaceRoute(int index, IPAddress destination, int prefixLength, IPAddress? gateway)
    {
        Begin(RTM_NEWROUTE, NetlinkFlags.Create | NetlinkFlags.Replace, $"replace route '{destination}/{prefixLength}'");
        _writer.Fixed(new RouteHeader
        {
            Family = destination.AddressFamily == AddressFamily.InterNetwork ? AF_INET : AF_INET6,
            DestinationLength = (byte)prefixLength,
            Table = RT_TABLE_MAIN,
            Protocol = RTPROT_BOOT,
            Scope = gateway is null ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
            Type = RTN_UNICAST,
        });
        if (prefixLength > 0)
            _writer.Attribute(RTA_DST, destination.GetAddressBytes());
        if (gateway is not null)
            _writer.Attribute(RTA_GATEWAY, gateway.GetAddressBytes());
        _writer.Attribute(RTA_OIF, index);
        return End();
    }

    /// <summary>
    /// Has packets for the loopback of version 6 that come in by an interface taken as the host's own, once something has
    /// rewritten them to it: the kernel looks for such a route by that interface alone (rt6_need_strict), and drops what came
    /// with that destination from outside before anything is rewritten (ip6_rcv_core).
    /// </summary>
    public RouteBatch AcceptLoopback6(int index)
    {
        Begin(RTM_NEWROUTE, NetlinkFlags.Create | NetlinkFlags.Replace, $"accept '::1' at link {index}");
        _writer.Fixed(new RouteHeader
        {
            Family = AF_INET6,
            DestinationLength = 128,
            Table = RT_TABLE_LOCAL,
            Protocol = RTPROT_BOOT,
            Type = RTN_LOCAL,
        });
        _writer.Attribute(RTA_DST, IPAddress.IPv6Loopback.GetAddressBytes());
        _writer.Attribute(RTA_OIF, index);

        // Behind the loopback's own, and each interface has one of its own.
        const int farBehind = 4096;
        _writer.Attribute(RTA_PRIORITY, farBehind + index);
        return End();
    }

    internal string Act(uint sequence) =>
        sequence >= 1 && sequence <= _acts.Count ? _acts[(int)sequence - 1] : "change the network";

    private void AddressBody(int index, IPAddress address, int prefixLength)
    {
        var bytes = address.GetAddressBytes();
        _writer.Fixed(new AddressHeader
        {
            Family = address.AddressFamily == AddressFamily.InterNetwork ? AF_INET : AF_INET6,
            PrefixLength = (byte)prefixLength,
            // Who assigns all addresses of a subnet need not wait to hear whether somebody else has one.
            Flags = address.AddressFamily == AddressFamily.InterNetwork ? (byte)0 : IFA_F_NODAD,
            Index = index,
        });
        _writer.Attribute(IFA_LOCAL, bytes);
        _writer.Attribute(IFA_ADDRESS, bytes);
    }

    private void NoIPv6Addresses()
    {
        var families = _writer.BeginNested(IFLA_AF_SPEC);
        var version6 = _writer.BeginNested(AF_INET6);
        _writer.Attribute(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
        _writer.EndNested(version6);
        _writer.EndNested(families);
    }

    private void BeginChange(int index, string act)
    {
        Begin(RTM_NEWLINK, NetlinkFlags.None, act);
        _writer.Fixed(new LinkHeader { Index = index });
    }

    private void Begin(ushort type, NetlinkFlags flags, string act)
    {
        _acts.Add(act);
        _writer.BeginMessage(type, NetlinkFlags.Request | NetlinkFlags.Ack | flags, (uint)_acts.Count);
    }

    private RouteBatch End()
    {
        _writer.EndMessage();
        return this;
    }
}
