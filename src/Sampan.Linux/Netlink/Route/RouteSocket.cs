using System.Net;
using System.Runtime.InteropServices;
using Sampan.Linux.Processes;
using Sampan.Linux.Syscalls;
using static Sampan.Linux.Netlink.Route.RouteConstants;

namespace Sampan.Linux.Netlink.Route;

/// <summary>
/// Links, addresses and routes of one network namespace: that of the thread which opens it, whoever uses it later.
/// See <see href="https://man7.org/linux/man-pages/man7/rtnetlink.7.html">rtnetlink(7)</see>. One user at a time.
/// </summary>
public sealed class RouteSocket : IDisposable
{
    private readonly NetlinkSocket _socket;
    private readonly NetlinkWriter _question = new();

    internal RouteSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a socket into the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static RouteSocket Open() => new(NetlinkSocket.Open(Sys.NETLINK_ROUTE));

    /// <summary>Has the kernel do what the batch says.</summary>
    /// <exception cref="LinuxException">The first act that failed; the later ones were tried nevertheless.</exception>
    public void Commit(RouteBatch batch)
    {
        if (batch.LastSequence == 0)
            return;
        if (_socket.Execute(batch.Writer, batch.LastSequence) is { } failure)
            throw Exception(batch.Act(failure.Sequence), failure);
        FailPoint.Reach("links-changed");
    }

    /// <summary>The interface with this name, or null.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Link? FindLink(string name)
    {
        Ask(RTM_GETLINK, NetlinkFlags.Request);
        _question.Fixed(default(LinkHeader));
        _question.Attribute(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
        _question.Attribute(IFLA_IFNAME, name);
        _question.EndMessage();
        Link? found = null;
        var failure = _socket.Query(_question, dump: false, (_, payload) => found = ReadLink(payload));
        return failure switch
        {
            null => found,
            { Errno: Errno.ENODEV } => null,
            { } other => throw Exception($"find link '{name}'", other),
        };
    }

    /// <summary>Whether an interface of this number is there, without waiting for those who change links at this moment: one that is being removed is not.</summary>
    public bool HasLink(int index) => _socket.HasLink(index);

    /// <summary>All interfaces.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<Link> Links()
    {
        Ask(RTM_GETLINK, NetlinkFlags.Request | NetlinkFlags.Dump);
        _question.Fixed(default(LinkHeader));
        _question.Attribute(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
        _question.EndMessage();
        List<Link> links = [];
        Dump("list links", RTM_NEWLINK, payload => links.Add(ReadLink(payload)));
        return links;
    }

    /// <summary>All addresses.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<LinkAddress> Addresses()
    {
        Ask(RTM_GETADDR, NetlinkFlags.Request | NetlinkFlags.Dump);
        _question.Fixed(default(AddressHeader));
        _question.EndMessage();
        List<LinkAddress> addresses = [];
        Dump("list addresses", RTM_NEWADDR, payload =>
        {
            if (ReadAddress(payload) is { } address)
                addresses.Add(address);
        });
        return addresses;
    }

    /// <summary>The routes of one version in the main table.</summary>
    /// <param name="version6">Those of version 6; else those of version 4.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<RouteEntry> Routes(bool version6 = false)
    {
        Ask(RTM_GETROUTE, NetlinkFlags.Request | NetlinkFlags.Dump);
        _question.Fixed(new RouteHeader { Family = version6 ? AF_INET6 : AF_INET });
        _question.EndMessage();
        List<RouteEntry> routes = [];
        Dump("list routes", RTM_NEWROUTE, payload =>
        {
            if (ReadRoute(payload) is { } route)
                routes.Add(route);
        });
        return routes;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    internal static Link ReadLink(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Marshal.SizeOf<LinkHeader>())
            throw new LinuxException("read link", Errno.EPROTO);
        var header = MemoryMarshal.Read<LinkHeader>(payload);
        var link = new Link { Index = header.Index, Name = "", IsUp = (header.Flags & IFF_UP) != 0 };
        var attributes = new NetlinkAttributes(payload[Marshal.SizeOf<LinkHeader>()..]);
        while (attributes.MoveNext())
        {
            link = attributes.Type switch
            {
                IFLA_IFNAME => link with { Name = attributes.Text },
                IFLA_MTU => link with { Mtu = (int)attributes.Number },
                IFLA_MASTER => link with { Master = (int)attributes.Number },
                IFLA_ADDRESS => link with { HardwareAddress = attributes.Value.ToArray() },
                IFLA_LINKINFO => link with { Kind = ReadKind(attributes.Inner) },
                _ => link,
            };
        }

        return link;
    }

    private static string? ReadKind(NetlinkAttributes info)
    {
        while (info.MoveNext())
        {
            if (info.Type == IFLA_INFO_KIND)
                return info.Text;
        }

        return null;
    }

    private static LinkAddress? ReadAddress(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Marshal.SizeOf<AddressHeader>())
            return null;
        var header = MemoryMarshal.Read<AddressHeader>(payload);
        IPAddress? local = null;
        IPAddress? address = null;
        var attributes = new NetlinkAttributes(payload[Marshal.SizeOf<AddressHeader>()..]);
        while (attributes.MoveNext())
        {
            if (attributes.Value.Length is not (4 or 16))
                continue;
            if (attributes.Type == IFA_LOCAL)
                local = new IPAddress(attributes.Value);
            else if (attributes.Type == IFA_ADDRESS)
                address = new IPAddress(attributes.Value);
        }

        return (local ?? address) is { } found ? new LinkAddress(header.Index, found, header.PrefixLength) : null;
    }

    private static RouteEntry? ReadRoute(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Marshal.SizeOf<RouteHeader>())
            return null;
        var header = MemoryMarshal.Read<RouteHeader>(payload);
        if (header.Table != RT_TABLE_MAIN || header.Family is not (AF_INET or AF_INET6))
            return null;
        var route = new RouteEntry(header.Family == AF_INET ? IPAddress.Any : IPAddress.IPv6Any, header.DestinationLength, null, null, 0);
        var attributes = new NetlinkAttributes(payload[Marshal.SizeOf<RouteHeader>()..]);
        while (attributes.MoveNext())
        {
            route = attributes.Type switch
            {
                RTA_DST when attributes.Value.Length is 4 or 16 => route with { Destination = new IPAddress(attributes.Value) },
                RTA_GATEWAY when attributes.Value.Length is 4 or 16 => route with { Gateway = new IPAddress(attributes.Value) },
                RTA_OIF => route with { Index = (int)attributes.Number },
                RTA_PRIORITY => route with { Metric = (int)attributes.Number },
                _ => route,
            };
        }

        return route;
    }

    private delegate void PayloadHandler(ReadOnlySpan<byte> payload);

    private void Dump(string act, ushort wanted, PayloadHandler handler)
    {
        var failure = _socket.Query(_question, dump: true, (type, payload) =>
        {
            if (type == wanted)
                handler(payload);
        });
        if (failure is { } refused)
            throw Exception(act, refused);
    }

    private void Ask(ushort type, NetlinkFlags flags)
    {
        _question.Clear();
        _question.BeginMessage(type, flags, 1);
    }

    private static LinuxException Exception(string act, NetlinkFailure failure) =>
        new(failure.Text is null ? act : $"{act} (the kernel says: {failure.Text})", failure.Errno);
}
