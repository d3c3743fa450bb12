using System.Net;
using Sampan.Linux.Netlink.Route;
using Sampan.Network;
using static Sampan.Kernel.Tests.Network.Traffic;

namespace Sampan.Kernel.Tests.Network;

/// <summary>
/// Drivers macvlan and ipvlan: containers on the wire of a parent interface, beside another machine.
/// <code>
///   outside 192.0.2.2 ──out1──out0── host; containers 192.0.2.x on out0's wire
/// </code>
/// </summary>
public class WireTests
{
    [Theory]
    [InlineData("macvlan", "bridge")]
    [InlineData("ipvlan", "l2")]
    public async Task Containers_are_machines_on_the_parents_wire(string driver, string mode)
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        Need(net, driver);
        var made = await CreateAsync(net, Request(driver, "wire", ("parent", "out0"), ($"{driver}_mode", mode)));
        made.Driver.ShouldBe(driver);

        var first = await ConnectAsync(net, "c1", "wire");
        var second = await ConnectAsync(net, "c2", "wire");
        using var server = Serve(first, 80);

        first.Address.ShouldBe(IPAddress.Parse("192.0.2.128"));
        (await AskAsync(outside.Path, "192.0.2.128", 80)).ShouldBe("hello 192.0.2.2", "all ports, at its own address");
        (await AskAsync(second.NetnsPath, "192.0.2.128", 80)).ShouldBe("hello 192.0.2.129");
        using var far = ServeAt(outside.Path, IPAddress.Any, 90);
        (await AskAsync(second.NetnsPath, "192.0.2.2", 90)).ShouldBe("hello 192.0.2.129", "no translation of addresses");
        (first.MacAddress is null).ShouldBe(driver == "ipvlan");

        // The next daemon takes it over; then one leaves, and all goes.
        await net.StopAsync();
        await net.StartAsync();
        await net.Service.AdoptAsync(["c1", "c2"], CancellationToken.None);
        (await ConnectAsync(net, "c3", "wire")).Address.ShouldBe(IPAddress.Parse("192.0.2.130"));
        await net.Service.DisconnectAsync("c1", made.Id, CancellationToken.None);
        TestSpace.RunAt(first.NetnsPath!, () =>
        {
            using var route = RouteSocket.Open();
            return route.Links();
        }).Select(l => l.Name).ShouldBe(["lo"]);
        foreach (var id in new[] { "c1", "c2", "c3" })
            await net.Service.DisconnectAsync(id, CancellationToken.None);
        await net.Service.RemoveAsync(made.Id, CancellationToken.None);
        net.Host.Links().ShouldContain(l => l.Name == "out0", "the host's own interface stays");
    }

    [Fact]
    public async Task In_mode_l3_the_kernel_routes_and_there_is_no_next_hop()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        Need(net, "ipvlan");
        await CreateAsync(net, Request("ipvlan", "routed", ("parent", "out0"), ("ipvlan_mode", "l3")) with { Subnets = [new() { Subnet = "10.44.0.0/24" }] });

        var attachment = await ConnectAsync(net, "c1", "routed");

        var route = TestSpace.RunAt(attachment.NetnsPath!, () =>
        {
            using var socket = RouteSocket.Open();
            return socket.Routes();
        }).Single(r => r.PrefixLength == 0);
        route.Gateway.ShouldBeNull();
    }

    [Fact]
    public async Task A_vlan_of_the_parent_is_made_and_goes_with_the_network()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        Need(net, "vlan");
        var tagged = await CreateAsync(net, Request("macvlan", "tagged", ("parent", "out0.50")));

        net.Host.Links().ShouldContain(l => l.Name == "out0.50" && l.Kind == "vlan" && l.IsUp);
        await ConnectAsync(net, "c2", "tagged");

        await net.Service.DisconnectAsync("c2", CancellationToken.None);
        await net.Service.RemoveAsync(tagged.Id, CancellationToken.None);
        net.Host.Links().ShouldNotContain(l => l.Kind == "vlan");
    }

    [Fact]
    public async Task Without_a_parent_a_dummy_is_made_that_leads_nowhere_and_goes_with_the_network()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        Need(net, "dummy");
        var nowhere = await CreateAsync(net, new NetworkRequest { Name = "nowhere", Driver = "macvlan" });

        var dummy = "dm-" + nowhere.Id[..12];
        net.Host.Links().ShouldContain(l => l.Name == dummy && l.Kind == "dummy");
        (await ConnectAsync(net, "c1", "nowhere")).Gateway.ShouldBeNull("it leads nowhere");

        await net.Service.DisconnectAsync("c1", CancellationToken.None);
        await net.Service.RemoveAsync(nowhere.Id, CancellationToken.None);
        net.Host.Links().ShouldNotContain(l => l.Kind == "dummy");
    }

    [Fact]
    public async Task What_cannot_be_is_refused_and_leaves_nothing()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        await CreateAsync(net, Request("macvlan", "wire", ("parent", "out0")));
        await CreateAsync(net, Request("ipvlan", "bare", ("parent", NetworkFixture.Bridge)) with { Subnets = [] });
        var links = net.Host.Links().Select(l => l.Name).Order().ToList();

        (await RefusedAsync(Request("macvlan", "x", ("parent", "none0")))).ShouldContain("'none0' is not an interface of this host");
        (await RefusedAsync(Request("macvlan", "x", ("parent", "out0.5000")))).ShouldContain("1 to 4094");
        (await RefusedAsync(Request("macvlan", "x", ("parent", "lo")))).ShouldContain("invalid parent interface 'lo'");
        (await RefusedAsync(Request("macvlan", "x", ("parent", "out0"), ("macvlan_mode", "banana")))).ShouldContain("one of private, vepa, bridge, passthru");
        (await RefusedAsync(Request("ipvlan", "x", ("macvlan_mode", "bridge")))).ShouldContain("unknown option 'macvlan_mode'");
        (await RefusedAsync(Request("ipvlan", "x", ("parent", "out0")))).ShouldContain("network wire is already using parent interface out0");
        (await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync(new EndpointRequest { ContainerId = "c1", NetworkName = "wire", Hostname = "c1", Ports = [Tcp(8080, 80)] }))).Message.ShouldContain("cannot publish ports on network 'wire'");
        (await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync(new EndpointRequest { ContainerId = "c1", NetworkName = "bare", Hostname = "c1", MacAddress = "02:00:00:00:00:01" }))).Message.ShouldContain("leave out the MAC address");

        net.Host.Links().Select(l => l.Name).Order().ShouldBe(links);

        async Task<string> RefusedAsync(NetworkRequest request) => (await Should.ThrowAsync<NetworkException>(() => CreateAsync(net, request with { Subnets = [] }))).Message;
    }

    // Not every kernel has every kind of link.
    private static void Need(NetworkFixture net, string kind)
    {
        var known = net.Host.Run(() =>
        {
            using var route = RouteSocket.Open();
            var parent = route.FindLink("out0")?.Index ?? 0;
            using var here = Sampan.Linux.Netlink.NetworkNamespace.OpenCurrent();
            try
            {
                route.Commit(kind == "vlan" ? new RouteBatch().AddVlan("probe", parent, 2) : kind == "dummy" ? new RouteBatch().AddDummy("probe") : new RouteBatch().AddOnWire(kind, "probe", parent, here, kind == "macvlan" ? 4u : 0u, 0, 1500, null));
            }
            catch (Sampan.Linux.LinuxException unknown) when (unknown.Errno == Sampan.Linux.Errno.EOPNOTSUPP)
            {
                return false;
            }

            route.Commit(new RouteBatch().DeleteLink(route.FindLink("probe")!.Index));
            return true;
        });
        if (!known)
            Assert.Skip($"needs a kernel with links of the kind '{kind}'");
    }

    private static NetworkRequest Request(string driver, string name, params IEnumerable<(string Key, string Value)> options) => new()
    {
        Name = name,
        Driver = driver,
        Options = options.ToDictionary(o => o.Key, o => o.Value),
        Subnets = [new() { Subnet = "192.0.2.0/24", Range = "192.0.2.128/25", Gateway = "192.0.2.2" }],
    };

    private static Task<NetworkRecord> CreateAsync(NetworkFixture net, NetworkRequest request) => net.Service.CreateAsync(request, CancellationToken.None);

    private static Task<NetworkAttachment> ConnectAsync(NetworkFixture net, string id, string network) =>
        net.ConnectAsync(new EndpointRequest { ContainerId = id, NetworkName = network, Hostname = id });
}
