using Sampan.Linux;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Route;

namespace Sampan.Network.Endpoints;

/// <summary>
/// A network namespace that is nobody's yet, with its loopback up and perhaps one end of a pair of links, the other end on the host, both
/// down. It has no name on disk: the kernel takes it away, links and all, when its descriptors are closed, also those of a daemon that was killed.
/// </summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="HostLink">The host's end of the pair, a port of no bridge; null: there is none.</param>
internal sealed record Slot(NewNamespace Namespace, string? HostLink) : IDisposable
{
    /// <summary>The number of the host's end with the filter of the way past bridges; null: it has none.</summary>
    internal int? FilteredPort { get; init; }

    /// <summary>The name of the other end.</summary>
    internal const string InnerLink = "eth0";

    // Links that come later start without IPv6 until they get an address of it (CVE-2024-32473), and believe no router
    // (CVE-2020-13401); the loopback, which is there already, keeps its ::1, as in Docker.
    private static readonly (string Name, string Value)[] s_parameters =
    [
        ("net/ipv6/conf/default/accept_ra", "0"),
        ("net/ipv6/conf/default/accept_dad", "0"),
        ("net/ipv6/conf/default/disable_ipv6", "1"),
    ];

    /// <summary>Makes a namespace with its loopback up. Only on a thread that somebody owns.</summary>
    /// <param name="home">The host's namespace, to come back to.</param>
    /// <param name="source">Makes the namespace, of another owner than the host's root; null: it is made here.</param>
    /// <exception cref="LinuxException">The kernel refused; nothing stays.</exception>
    /// <exception cref="NetworkException">The source refused.</exception>
    internal static Slot Make(SafeFd home, Func<SafeFd>? source)
    {
        var made = source is null ? NetworkNamespace.Create(home, s_parameters) : Reach(home, source);
        try
        {
            made.Route.Commit(new RouteBatch().SetUp("lo"));
            return new Slot(made, null);
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    private static NewNamespace Reach(SafeFd home, Func<SafeFd> source)
    {
        using var space = source();
        return NetworkNamespace.Reach(home, space, s_parameters);
    }

    /// <summary>As above, with a pair of links.</summary>
    /// <param name="home">The host's namespace, to come back to.</param>
    /// <param name="source">Makes the namespace; null: it is made here.</param>
    /// <param name="host">The host's links.</param>
    /// <param name="hostLink">The name of the host's end.</param>
    /// <param name="mtu">The largest packet, bytes.</param>
    /// <param name="shortcut">The way past bridges, for whoever will be allowed to go it; null: there is none.</param>
    /// <exception cref="LinuxException">The kernel refused; nothing stays.</exception>
    internal static Slot Make(SafeFd home, Func<SafeFd>? source, RouteSocket host, string hostLink, int mtu, Shortcut? shortcut)
    {
        var slot = Make(home, source);
        try
        {
            host.Commit(new RouteBatch().AddVeth(new VethPair { Name = hostLink, Mtu = mtu, PeerName = InnerLink, PeerNamespace = slot.Namespace.Descriptor }));
            return slot with { HostLink = hostLink, FilteredPort = Filter(host, hostLink, shortcut) };
        }
        catch
        {
            slot.Dispose();
            throw;
        }
    }

    public void Dispose() => Namespace.Dispose();

    // Who connects a container tries again, and tells why it cannot be.
    private static int? Filter(RouteSocket host, string hostLink, Shortcut? shortcut)
    {
        if (shortcut is null or { IsRefused: true } || host.FindLink(hostLink) is not { } link)
            return null;
        try
        {
            shortcut.Prepare(host, link.Index);
            return link.Index;
        }
        catch (LinuxException)
        {
            return null;
        }
    }
}
