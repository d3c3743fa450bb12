using System.Net;
using Sampan.Linux.Netlink.Route;
using Sampan.Network;

namespace Sampan.Kernel.Tests.Network;

public class UserNetworkTests
{
    [Fact]
    public async Task A_network_is_a_bridge_with_a_subnet_of_its_own_and_goes_without_a_trace()
    {
        await using var net = await NetworkFixture.OpenAsync();

        var made = await CreateAsync(net, "todo-app");

        made.Subnets.Single().Subnet.ShouldBe("172.18.0.0/16");
        made.Subnets.Single().Gateway.ShouldBe(IPAddress.Parse("172.18.0.1"));
        made.Bridge.ShouldBe("br-" + made.Id[..12]);
        net.Host.Links().ShouldContain(l => l.Name == made.Bridge && l.Kind == "bridge" && l.IsUp);
        net.Service.Networks.ShouldContain(n => n.Name == "todo-app");

        await net.Service.RemoveAsync(made.Id, CancellationToken.None);

        net.Host.Links().ShouldNotContain(l => l.Name == made.Bridge);
        net.Service.Networks.ShouldNotContain(n => n.Name == "todo-app");
        System.IO.Directory.GetFiles(Path.Combine(net.Directory, "state")).Length.ShouldBe(3);
    }

    [Fact]
    public async Task Networks_and_connections_outlive_the_daemon_and_networks_a_reboot()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var made = await net.Service.CreateAsync(
            new NetworkRequest
            {
                Name = "kept",
                Subnets = [new() { Subnet = "10.99.0.0/24", Range = "10.99.0.128/25", Gateway = "10.99.0.254", Auxiliary = new Dictionary<string, string> { ["printer"] = "10.99.0.129" } }],
                Labels = new Dictionary<string, string> { ["a"] = "b" },
                Options = new Dictionary<string, string> { ["com.docker.network.driver.mtu"] = "1400" },
            },
            CancellationToken.None);
        var first = await ConnectAsync(net, "c1", "kept");
        first.Address.ShouldBe(IPAddress.Parse("10.99.0.128"));

        await net.StopAsync();
        await net.StartAsync();
        await net.Service.AdoptAsync(["c1"], CancellationToken.None);
        var second = await ConnectAsync(net, "c2", "kept");
        second.Address.ShouldBe(IPAddress.Parse("10.99.0.130"), "the first is taken, the second is the printer's");

        // A reboot: the kernel's state and the exec root are gone.
        await net.Service.DisconnectAsync("c1", CancellationToken.None);
        await net.Service.DisconnectAsync("c2", CancellationToken.None);
        await net.StopAsync();
        System.IO.Directory.Delete(Path.Combine(net.Directory, "netns"), recursive: true);
        RemoveBridge(net, made.Bridge);
        RemoveBridge(net, NetworkFixture.Bridge);
        await net.StartAsync();

        var again = net.Service.Networks.Single(n => n.Name == "kept");
        again.Id.ShouldBe(made.Id);
        again.Mtu.ShouldBe(1400);
        again.Labels["a"].ShouldBe("b");
        Show(again).ShouldBe(Show(made));
        Show(again).ShouldBe("10.99.0.0/24 10.99.0.128/25 10.99.0.254 printer=10.99.0.129");
        net.Host.Links().ShouldContain(l => l.Name == made.Bridge && l.IsUp && l.Mtu == 1400);
        (await ConnectAsync(net, "c3", "kept")).PrefixLength.ShouldBe(24);
    }

    [Fact]
    public async Task A_container_is_on_several_networks_and_the_priority_gives_the_way_out()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await CreateAsync(net, "first");
        var second = await CreateAsync(net, "second");
        await ConnectAsync(net, "c1", "first");

        var attachment = await net.ConnectAsync(Request("c1", "second") with { GatewayPriority = 1 });

        LinksAt(attachment.NetnsPath).Select(l => l.Name).ShouldContain("eth1");
        DefaultRoute(attachment).ShouldBe(IPAddress.Parse("172.19.0.1"));
        await net.Service.DisconnectAsync("c1", second.Id, CancellationToken.None);
        DefaultRoute(attachment).ShouldBe(IPAddress.Parse("172.18.0.1"));
        LinksAt(attachment.NetnsPath).Select(l => l.Name).ShouldNotContain("eth1");
        net.Service.Networks.Single(n => n.Name == "second").Members.ShouldBeEmpty();

        var back = await ConnectAsync(net, "c1", "second");
        back.Address.ShouldBe(IPAddress.Parse("172.19.0.3"), "a freed address comes last");
        DefaultRoute(attachment).ShouldBe(IPAddress.Parse("172.18.0.1"), "among equals the first by name");
    }

    [Fact]
    public async Task An_internal_network_gives_no_way_out()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await net.Service.CreateAsync(new NetworkRequest { Name = "inside", Internal = true }, CancellationToken.None);

        var attachment = await ConnectAsync(net, "c1", "inside");

        attachment.Gateway.ShouldBeNull();
        DefaultRoute(attachment).ShouldBeNull();
    }

    [Fact]
    public async Task A_subnet_is_chosen_beside_all_routes_of_the_host()
    {
        await using var net = await NetworkFixture.OpenAsync();
        net.Host.Run(() =>
        {
            using var route = RouteSocket.Open();
            route.Commit(new RouteBatch().AddBridge("corp", new byte[] { 2, 0, 0, 0, 0, 1 }));
            var corp = route.FindLink("corp")!.Index;
            route.Commit(new RouteBatch().AddAddress(corp, IPAddress.Parse("172.18.5.1"), 24).SetUp(corp));
            route.Commit(new RouteBatch().ReplaceRoute(corp, IPAddress.Parse("172.20.0.0"), 14, null));
        });

        (await CreateAsync(net, "one")).Subnets.Single().Subnet.ShouldBe("172.19.0.0/16");
        (await CreateAsync(net, "two")).Subnets.Single().Subnet.ShouldBe("172.24.0.0/22");
        var refusal = await Should.ThrowAsync<NetworkException>(() => net.Service.CreateAsync(new NetworkRequest { Name = "three", Subnets = [new() { Subnet = "172.18.0.0/16" }] }, CancellationToken.None));
        refusal.Kind.ShouldBe(NetworkError.Conflict);
        refusal.Message.ShouldContain("corp");
        net.Service.Networks.ShouldNotContain(n => n.Name == "three");
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_and_leaves_nothing()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await CreateAsync(net, "there");
        await ConnectAsync(net, "c1", "there");
        var links = net.Host.Links().Select(l => l.Name).Order().ToList();

        await RefusedAsync(new NetworkRequest { Name = "there" }, NetworkError.Conflict, "network with name there already exists");
        await RefusedAsync(new NetworkRequest { Name = "bridge" }, NetworkError.Forbidden, "operation is not permitted on predefined bridge network");
        await RefusedAsync(new NetworkRequest { Name = "" }, NetworkError.InvalidInput, "invalid network name");
        await RefusedAsync(new NetworkRequest { Name = "../x" }, NetworkError.InvalidInput, "invalid network name");
        await RefusedAsync(new NetworkRequest { Name = "x", Driver = "overlay2" }, NetworkError.NotFound, "plugin \"overlay2\" not found");
        await RefusedAsync(new NetworkRequest { Name = "x", Driver = "host" }, NetworkError.Forbidden, "only one instance of \"host\" network is allowed");
        await RefusedAsync(Subnet("banana"), NetworkError.InvalidInput, "invalid subnet 'banana'");
        await RefusedAsync(Subnet("10.9.0.1/24"), NetworkError.InvalidInput, "it should be 10.9.0.0/24");
        await RefusedAsync(Subnet("172.18.64.0/24"), NetworkError.Forbidden, "Pool overlaps with other one on this address space");
        await RefusedAsync(Subnet("10.9.0.0/24", gateway: "10.8.0.1"), NetworkError.InvalidInput, "invalid gateway '10.8.0.1'");
        await RefusedAsync(Subnet("10.9.0.0/24", range: "10.8.0.0/28"), NetworkError.InvalidInput, "invalid ip-range");
        await RefusedAsync(new NetworkRequest { Name = "x", Options = new Dictionary<string, string> { ["com.example.what"] = "1" } }, NetworkError.InvalidInput, "unknown option 'com.example.what'");
        await RefusedAsync(new NetworkRequest { Name = "x", Options = new Dictionary<string, string> { ["com.docker.network.bridge.name"] = NetworkFixture.Bridge } }, NetworkError.Conflict, "is there already");

        var inUse = await Should.ThrowAsync<NetworkException>(() => net.Service.RemoveAsync(net.Service.Networks.Single(n => n.Name == "there").Id, CancellationToken.None));
        inUse.Kind.ShouldBe(NetworkError.Forbidden);
        inUse.Message.ShouldContain("has active endpoints (name:\"c1\"");
        var predefined = await Should.ThrowAsync<NetworkException>(() => net.Service.RemoveAsync(net.Service.Networks.Single(n => n.Name == "host").Id, CancellationToken.None));
        predefined.Message.ShouldBe("host is a pre-defined network and cannot be removed");
        var twice = await Should.ThrowAsync<NetworkException>(() => ConnectAsync(net, "c1", "there"));
        twice.Message.ShouldBe("endpoint with name c1 already exists in network there");

        net.Host.Links().Select(l => l.Name).Order().ShouldBe(links);
        System.IO.Directory.GetFiles(Path.Combine(net.Directory, "state")).Length.ShouldBe(4);

        async Task RefusedAsync(NetworkRequest request, NetworkError kind, string says)
        {
            var refusal = await Should.ThrowAsync<NetworkException>(() => net.Service.CreateAsync(request, CancellationToken.None));
            refusal.Message.ShouldContain(says);
            refusal.Kind.ShouldBe(kind, refusal.Message);
        }

        static NetworkRequest Subnet(string subnet, string? gateway = null, string? range = null) =>
            new() { Name = "x", Subnets = [new() { Subnet = subnet, Gateway = gateway, Range = range }] };
    }

    [Fact]
    public async Task Many_networks_fit_into_one_transaction_of_the_firewall()
    {
        await using var net = await NetworkFixture.OpenAsync();

        for (var i = 0; i < 40; i++)
            await CreateAsync(net, $"n{i}");

        net.Service.Networks.SelectMany(n => n.Subnets).Select(s => s.Subnet).Distinct().Count().ShouldBe(41);
        net.Host.Links().Count(l => l.Kind == "bridge").ShouldBe(41);
        Agreement.Check(net);
    }

    private static string Show(NetworkRecord network) =>
        string.Join("; ", network.Subnets.Select(s => $"{s.Subnet} {s.Range} {s.Gateway} {string.Join(',', s.Auxiliary.Select(a => $"{a.Key}={a.Value}"))}"));

    private static Task<NetworkRecord> CreateAsync(NetworkFixture net, string name) => net.Service.CreateAsync(new NetworkRequest { Name = name }, CancellationToken.None);

    private static Task<NetworkAttachment> ConnectAsync(NetworkFixture net, string id, string network) => net.ConnectAsync(Request(id, network));

    private static EndpointRequest Request(string id, string network) => new() { ContainerId = id, NetworkName = network, Hostname = id };

    private static IPAddress? DefaultRoute(NetworkAttachment attachment) => TestSpace.RunAt(attachment.NetnsPath!, () =>
    {
        using var route = RouteSocket.Open();
        return new[] { route.Routes().SingleOrDefault(r => r.PrefixLength == 0)?.Gateway };
    })[0];

    private static IReadOnlyList<Link> LinksAt(string? path) => TestSpace.RunAt(path!, () =>
    {
        using var route = RouteSocket.Open();
        return route.Links();
    });

    private static void RemoveBridge(NetworkFixture net, string? name) => net.Host.Run(() =>
    {
        using var route = RouteSocket.Open();
        route.Commit(new RouteBatch().DeleteLink(route.FindLink(name!)!.Index));
    });
}
