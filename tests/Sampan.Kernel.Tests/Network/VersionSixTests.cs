using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Netlink.Route;
using Sampan.Linux.Proc;
using Sampan.Network;
using static Sampan.Kernel.Tests.Network.Traffic;

namespace Sampan.Kernel.Tests.Network;

/// <summary>Networks with addresses of version 6: real connections as in <see cref="PublishedPortTests"/>.</summary>
public class VersionSixTests
{
    [Fact]
    public async Task A_network_of_both_versions_gives_addresses_of_its_own_range_and_routes_by_both()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var made = await CreateAsync(net, new NetworkRequest { Name = "six", IPv6 = true });
        made.Subnets.Count.ShouldBe(2);
        made.Subnets[1].Subnet.ShouldStartWith("fd");
        made.Subnets[1].Subnet.ShouldEndWith("::/64");

        var first = await ConnectAsync(net, "c1", "six");
        var second = await ConnectAsync(net, "c2", "six", address6: made.Subnets[1].Subnet.Replace("::/64", "::77"));

        first.Address6.ShouldNotBeNull().ToString().ShouldEndWith("::2");
        second.Address6.ShouldNotBeNull().ToString().ShouldEndWith("::77");
        first.Gateway6.ShouldBe(made.Subnets[1].Gateway);
        first.PrefixLength6.ShouldBe(64);
        Routes6(first).Single(r => r.PrefixLength == 0).Gateway.ShouldBe(made.Subnets[1].Gateway);
        using var server = Serve(second, 80);
        (await AskAsync(first.NetnsPath, second.Address6.ToString(), 80)).ShouldBe($"hello {first.Address6}");
        (await AskAsync(first.NetnsPath, second.Address!.ToString(), 80)).ShouldBe($"hello {first.Address}");

        await net.Service.DisconnectAsync("c1", made.Id, CancellationToken.None);
        await net.Service.DisconnectAsync("c2", CancellationToken.None);
        await net.Service.RemoveAsync(made.Id, CancellationToken.None);
        Agreement.Check(net);
    }

    [Fact]
    public async Task A_network_may_have_version_6_alone_and_a_subnet_of_the_users()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var made = await CreateAsync(net, new NetworkRequest
        {
            Name = "only6",
            IPv4 = false,
            IPv6 = true,
            Subnets = [new() { Subnet = "2001:db8:1::/64", Range = "2001:db8:1:0:8000::/65", Gateway = "2001:db8:1::ffff", Auxiliary = new Dictionary<string, string> { ["printer"] = "2001:db8:1:0:8000::" } }],
        });
        made.Subnets.Single().Gateway.ToString().ShouldBe("2001:db8:1::ffff");

        var first = await ConnectAsync(net, "c1", "only6");
        var second = await ConnectAsync(net, "c2", "only6");

        first.Address.ShouldBeNull();
        first.Address6.ShouldBe(IPAddress.Parse("2001:db8:1:0:8000::1"));
        using var server = Serve(second, 80);
        (await AskAsync(first.NetnsPath, second.Address6!.ToString(), 80)).ShouldBe($"hello {first.Address6}");

        await net.StopAsync();
        await net.StartAsync();
        await net.Service.AdoptAsync(["c1", "c2"], CancellationToken.None);
        (await ConnectAsync(net, "c3", "only6")).Address6.ShouldBe(IPAddress.Parse("2001:db8:1:0:8000::3"));
    }

    [Theory, InlineData(true, true), InlineData(false, true), InlineData(false, false)]
    public async Task A_port_published_on_all_addresses_is_reached_by_version_6_from_everywhere(bool bridgeFilter, bool shortcut)
    {
        await using var net = await NetworkFixture.OpenAsync(o => o with { Shortcut = shortcut });
        using var outside = JoinOutside(net);
        BridgeFilter(net, bridgeFilter);
        var made = await CreateAsync(net, new NetworkRequest { Name = "six", IPv6 = true });
        var gateway = made.Subnets[1].Gateway;
        var web = await ConnectAsync(net, "web", "six", Tcp(8080, 80));
        var other = await ConnectAsync(net, "other", "six");
        using var server = Serve(web, 80);

        web.Ports.Select(p => $"{p.HostAddress} {p.HostPort}").ShouldBe(["0.0.0.0 8080", ":: 8080"]);
        (await AskAsync(outside.Path, HostOutside6, 8080)).ShouldBe("hello 2001:db8::2", "the client's own address");
        (await AskAsync(outside.Path, HostOutside, 8080)).ShouldBe("hello 192.0.2.2");
        (await AskAsync(net.Host.Path, HostOutside6, 8080)).ShouldBe($"hello {HostOutside6}");
        (await AskAsync(net.Host.Path, gateway.ToString(), 8080)).ShouldBe($"hello {gateway}");
        (await AskAsync(other.NetnsPath, HostOutside6, 8080)).ShouldBe($"hello {gateway}");
        (await AskAsync(web.NetnsPath, HostOutside6, 8080)).ShouldBe($"hello {gateway}", "itself, by the host");
        (await AskAsync(net.Host.Path, "::1", 8080)).ShouldBe($"hello {gateway}", "the host's loopback");
    }

    [Fact]
    public async Task Version_6_is_as_closed_as_version_4()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        BridgeFilter(net, on: true);
        await CreateAsync(net, new NetworkRequest { Name = "one", IPv6 = true });
        await CreateAsync(net, new NetworkRequest { Name = "two", IPv6 = true });
        await CreateAsync(net, new NetworkRequest { Name = "inside", IPv6 = true, Internal = true });
        var web = await ConnectAsync(net, "web", "one", Tcp(8080, 80) with { HostAddress = IPAddress.IPv6Loopback });
        var stranger = await ConnectAsync(net, "stranger", "two");
        var locked = await ConnectAsync(net, "locked", "inside");
        using var server = Serve(web, 80);
        using var secret = Serve(web, 81);
        using var far = ServeAt(outside.Path, IPAddress.IPv6Any, 90);

        (await NothingAnswersAsync(outside.Path, web.Address6!.ToString(), 81)).ShouldBeTrue("a neighbour that routes to the container's address");
        (await NothingAnswersAsync(outside.Path, HostOutside6, 8080)).ShouldBeTrue("published on the loopback");
        (await NothingAnswersAsync(stranger.NetnsPath, web.Address6!.ToString(), 80)).ShouldBeTrue("another network");
        (await NothingAnswersAsync(locked.NetnsPath, "2001:db8::2", 90)).ShouldBeTrue("no way out");
        (await AskAsync(web.NetnsPath, "2001:db8::2", 90)).ShouldBe($"hello {HostOutside6}", "out as the host");
        (await AskAsync(net.Host.Path, "::1", 8080)).ShouldNotBeNull();
        locked.Gateway6.ShouldBeNull();
    }

    [Fact]
    public async Task Addresses_of_version_6_that_cannot_be_are_refused_and_leave_nothing()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await CreateAsync(net, new NetworkRequest { Name = "six", IPv6 = true, Subnets = [new() { Subnet = "fd00:6::/64" }] });
        await CreateAsync(net, new NetworkRequest { Name = "four" });
        await ConnectAsync(net, "c1", "six");
        var links = net.Host.Links().Select(l => l.Name).Order().ToList();

        (await RefusedAsync(net, "six", "fd00:6::2")).ShouldContain("address already in use");
        (await RefusedAsync(net, "six", "fd00:7::2")).ShouldContain("not one for a host in subnet");
        (await RefusedAsync(net, "six", "10.0.0.1")).ShouldContain("not one for a host in subnet");
        (await RefusedAsync(net, "six", "banana")).ShouldContain("invalid address 'banana'");
        (await RefusedAsync(net, "four", "fd00:6::9")).ShouldContain("make the network with --ipv6");
        (await CreateRefusedAsync(net, new NetworkRequest { Name = "x", Subnets = [new() { Subnet = "fd00:9::/64" }] })).ShouldContain("say --ipv6 too");
        (await CreateRefusedAsync(net, new NetworkRequest { Name = "x", IPv4 = false })).ShouldContain("must be enabled");
        (await CreateRefusedAsync(net, new NetworkRequest { Name = "x", IPv6 = true, Subnets = [new() { Subnet = "fd00:6::/48" }] })).ShouldContain("overlaps");
        var port = await Should.ThrowAsync<NetworkException>(() => ConnectAsync(net, "c2", "four", Tcp(8080, 80) with { HostAddress = IPAddress.IPv6Any }));
        port.Message.ShouldContain("have no addresses of IPv6");

        net.Host.Links().Select(l => l.Name).Order().ShouldBe(links);
    }

    [Fact]
    public async Task The_default_bridge_has_version_6_if_the_daemon_is_told_so_and_keeps_its_range()
    {
        await using var net = await NetworkFixture.OpenAsync(o => o with { IPv6 = true });
        var before = net.Service.Networks.Single(n => n.Name == "bridge").Subnets[1].Subnet;
        before.ShouldStartWith("fd");
        (await net.ConnectAsync("c1")).Address6.ShouldNotBeNull();

        await net.StopAsync();
        await net.StartAsync();

        net.Service.Networks.Single(n => n.Name == "bridge").Subnets[1].Subnet.ShouldBe(before);
    }

    [Fact]
    public async Task A_host_that_becomes_a_router_goes_on_believing_its_own_and_is_given_back_as_it_was()
    {
        var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        net.Host.Run(() => Sysctl.Write("net/ipv6/conf/out0/accept_ra", "1"));
        net.Host.Run(() => Sysctl.Write("net/ipv6/conf/all/forwarding", "0"));
        await CreateAsync(net, new NetworkRequest { Name = "six", IPv6 = true });

        Value("net/ipv6/conf/all/forwarding").ShouldBe("1");
        Value("net/ipv6/conf/out0/accept_ra").ShouldBe("2");
        await net.Service.ReleaseAllAsync(CancellationToken.None);
        Value("net/ipv6/conf/all/forwarding").ShouldBe("0");
        Value("net/ipv6/conf/out0/accept_ra").ShouldBe("1");
        await net.DisposeAsync();

        string? Value(string name) => net.Host.Run(() => new[] { Sysctl.Read(name) })[0];
    }

    /// <summary>CVE-2024-32473: IPv6 left on in a network of version 4 only. CVE-2020-13401: advertisements of a container are believed.</summary>
    [Fact]
    public async Task CVE_2024_32473_CVE_2020_13401_a_network_of_version_4_has_no_version_6_and_no_link_believes_a_router()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await CreateAsync(net, new NetworkRequest { Name = "six", IPv6 = true });
        await CreateAsync(net, new NetworkRequest { Name = "four" });
        var four = await ConnectAsync(net, "c1", "four");
        var both = await ConnectAsync(net, "c1", "six");

        Parameter(both, "eth0", "disable_ipv6").ShouldBe("1");
        Parameter(both, "eth1", "disable_ipv6").ShouldBe("0");
        Parameter(both, "eth0", "accept_ra").ShouldBe("0");
        Parameter(both, "eth1", "accept_ra").ShouldBe("0");
        foreach (var bridge in net.Service.Networks.Select(n => n.Bridge).OfType<string>())
            net.Host.Run(() => new[] { Sysctl.Read($"net/ipv6/conf/{bridge}/accept_ra") })[0].ShouldBe("0");
        four.Address6.ShouldBeNull();
    }

    /// <summary>As the attack was: a container tells the host that it is the router.</summary>
    [Fact]
    public async Task CVE_2020_13401_a_container_that_says_it_is_a_router_is_not_believed_by_the_host_nor_by_its_neighbours()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        await CreateAsync(net, new NetworkRequest { Name = "six", IPv6 = true });
        net.Host.Run(() => Sysctl.Write("net/ipv6/conf/out0/accept_ra", "2"));
        var four = await net.ConnectAsync("c1");
        var six = await ConnectAsync(net, "c2", "six");
        var neighbour = await ConnectAsync(net, "c3", "six");
        TestSpace.RunAt(four.NetnsPath!, () => Write("net/ipv6/conf/eth0/disable_ipv6", "0"));

        // First the containers, then somebody whom the host does believe: by then those have been heard as well.
        await SayAsync(four.NetnsPath!, "eth0", () => true);
        await SayAsync(six.NetnsPath!, "eth0", () => true);
        await SayAsync(outside.Path, "out1", () => net.Host.Run(() => Believing().Contains("out0")));

        net.Host.Run(Believing).ShouldBe(["out0"]);
        TestSpace.RunAt(neighbour.NetnsPath!, Believing).ShouldBeEmpty();

        static bool Write(string name, string value)
        {
            Sysctl.Write(name, value);
            return true;
        }

        // The links that have an address of the prefix that was told, or a default route that nobody but a router told.
        static IReadOnlyList<string> Believing()
        {
            using var route = RouteSocket.Open();
            var links = route.Addresses().Where(a => a.Address.ToString().StartsWith(Told, StringComparison.Ordinal)).Select(a => a.Index)
                .Concat(route.Routes(version6: true).Where(r => r.PrefixLength == 0 && r.Gateway?.IsIPv6LinkLocal == true).Select(r => r.Index ?? 0)).ToHashSet();
            return [.. route.Links().Where(l => links.Contains(l.Index)).Select(l => l.Name)];
        }

        // A link that has just come up has no address to speak from.
        static async Task SayAsync(string space, string link, Func<bool> isHeard)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (!TestSpace.RunAt(space, () => TrySay(link)) || !isHeard())
                await Task.Delay(50, patience.Token);
        }
    }

    private const string Told = "2001:db8:bad:";

    private static bool TrySay(string link)
    {
        using var route = RouteSocket.Open();
        var index = route.FindLink(link)?.Index ?? throw new InvalidOperationException("no link");
        // A router advertisement of RFC 4861 for half an hour, with a prefix to make addresses of.
        byte[] message = [134, 0, 0, 0, 64, 0, 7, 8, .. new byte[8], 3, 4, 64, 0xC0, 0, 0, 7, 8, 0, 0, 7, 8, 0, 0, 0, 0, .. IPAddress.Parse(Told + ":").GetAddressBytes()];
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6);
        socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, 255);
        socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, index);
        try
        {
            return socket.SendTo(message, new IPEndPoint(IPAddress.Parse($"ff02::1%{index}"), 0)) == message.Length;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [Fact]
    public async Task Kernel_parameters_of_a_link_are_the_users_and_nothing_elses()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var attachment = await net.ConnectAsync(Request("c1", "bridge") with { Options = Parameters("net.ipv4.conf.IFNAME.log_martians=1,net.ipv4.conf.IFNAME.rp_filter=2") });

        TestSpace.RunAt(attachment.NetnsPath!, () => new[] { Sysctl.Read("net/ipv4/conf/eth0/log_martians"), Sysctl.Read("net/ipv4/conf/eth0/rp_filter") }).ShouldBe(["1", "2"]);

        foreach (var bad in new[] { "net.ipv4.ip_forward=1", "kernel.core_pattern=|/x", "net.ipv4.conf.all.forwarding=1", "net.ipv4.conf.IFNAME.../../x=1", "net.ipv4.conf.IFNAME.none_such=1", "net.ipv4.conf.IFNAME.log_martians" })
            (await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync(Request("c2", "bridge") with { Options = Parameters(bad) }))).Kind.ShouldBe(NetworkError.InvalidInput, bad);

        static Dictionary<string, string> Parameters(string value) => new() { ["com.docker.network.endpoint.sysctls"] = value };
    }

    // With br_netfilter on, a bridge rewrites answers for ::1 before the kernel looks whether ::1 came from outside, and they are dropped: they go past it, where the kernel can.
    private static void BridgeFilter(NetworkFixture net, bool on) =>
        net.Host.Run(() => Sysctl.Write("net/bridge/bridge-nf-call-ip6tables", on && net.Service.ShortcutPlaces is not null ? "1" : "0"));

    private static async Task<string> RefusedAsync(NetworkFixture net, string network, string address6) =>
        (await Should.ThrowAsync<NetworkException>(() => ConnectAsync(net, "refused", network, address6: address6))).Message;

    private static async Task<string> CreateRefusedAsync(NetworkFixture net, NetworkRequest request) =>
        (await Should.ThrowAsync<NetworkException>(() => CreateAsync(net, request))).Message;

    private static string? Parameter(NetworkAttachment attachment, string link, string name) =>
        TestSpace.RunAt(attachment.NetnsPath!, () => new[] { Sysctl.Read($"net/ipv6/conf/{link}/{name}") })[0];

    private static IReadOnlyList<RouteEntry> Routes6(NetworkAttachment attachment) => TestSpace.RunAt(attachment.NetnsPath!, () =>
    {
        using var route = RouteSocket.Open();
        return route.Routes(version6: true);
    });

    private static Task<NetworkRecord> CreateAsync(NetworkFixture net, NetworkRequest request) => net.Service.CreateAsync(request, CancellationToken.None);

    private static Task<NetworkAttachment> ConnectAsync(NetworkFixture net, string id, string network, PortRequest? port = null, string? address6 = null) =>
        net.ConnectAsync(Request(id, network) with { Ports = port is null ? [] : [port], IPv6Address = address6 });

    private static EndpointRequest Request(string id, string network) => new() { ContainerId = id, NetworkName = network, Hostname = id };
}
