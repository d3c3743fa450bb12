using Sampan.Linux.Netlink.Nftables;
using Sampan.Linux.Netlink.Route;
using Sampan.Linux.Proc;
using Sampan.Network;

namespace Sampan.Kernel.Tests.Network;

/// <summary>Namespaces and links that are made before anybody asks for them.</summary>
public class PoolTests
{
    private const int Size = 3;

    [Fact]
    public async Task Starts_take_what_is_there_and_it_is_made_again()
    {
        await using var net = await OpenAsync();
        await FullAsync(net);
        net.Host.Links().Count(l => l.Kind == "veth" && l.Master is null && !l.IsUp).ShouldBe(Size);

        // The first find one; however many come at once, all get one.
        var attachments = await Task.WhenAll(Enumerable.Range(0, 4 * Size).Select(i => net.ConnectAsync($"c{i}")));
        attachments.Select(a => a.Address).Distinct().Count().ShouldBe(4 * Size);
        var state = net.Service.Pool;
        state.Taken.ShouldBeGreaterThanOrEqualTo(Size);
        (state.Taken + state.Missed).ShouldBe(4 * Size);

        await FullAsync(net);
        Agreement.Check(net, onPorts: false);
        foreach (var i in Enumerable.Range(0, 4 * Size))
            await net.Service.DisconnectAsync($"c{i}", CancellationToken.None);
        await Eventually(() => net.Host.Links().Count(l => l.Kind == "veth") == Size);
    }

    [Fact]
    public async Task What_is_taken_is_as_if_it_were_made_for_its_container()
    {
        await using var net = await OpenAsync();
        await using var plain = await NetworkFixture.OpenAsync();
        foreach (var fixture in new[] { net, plain })
        {
            var request = new NetworkRequest { Name = "app", IPv6 = true, Subnets = [new SubnetRequest { Subnet = "10.99.0.0/24" }, new SubnetRequest { Subnet = "fd00:99::/64" }], Options = new Dictionary<string, string> { ["com.docker.network.driver.mtu"] = "1400" } };
            await fixture.Service.CreateAsync(request, CancellationToken.None);
        }

        await FullAsync(net);
        foreach (var (id, network, link) in new[] { ("a", "bridge", null), ("b", "app", null), ("c", "app", "lan7"), ("d", "none", null) })
        {
            var request = new EndpointRequest
            {
                ContainerId = id,
                NetworkName = network,
                Hostname = id,
                Options = link is null ? [] : new Dictionary<string, string> { ["com.docker.network.endpoint.ifname"] = link },
            };
            await FullAsync(net);
            await AreAlikeAsync(await net.ConnectAsync(request), await plain.ConnectAsync(request));
        }

        net.Service.Pool.Missed.ShouldBe(0);
    }

    [Fact]
    public async Task Nothing_of_one_container_is_there_for_the_next()
    {
        await using var net = await OpenAsync();
        await FullAsync(net);
        HashSet<string> seen = [];
        for (var i = 0; i < 3 * Size; i++)
        {
            await FullAsync(net);
            var attachment = await net.ConnectAsync("one");
            var fresh = TestSpace.RunAt(attachment.NetnsPath ?? "", () =>
            {
                using var nft = NftSocket.Open();
                var tables = nft.Tables().Count;
                var parameter = Sysctl.Read("net/ipv4/ip_default_ttl");
                Sysctl.Write("net/ipv4/ip_default_ttl", "99");
                nft.Make(new NftTable { Name = "stays" });
                using var route = RouteSocket.Open();
                route.Commit(new RouteBatch().AddBridge("stays0", new byte[] { 2, 0, 0, 0, 0, 1 }));
                return (tables, parameter, links: route.Links().Count, space: new FileInfo("/proc/thread-self/ns/net").LinkTarget ?? "");
            });
            fresh.ShouldSatisfyAllConditions(() => fresh.tables.ShouldBe(0), () => fresh.parameter.ShouldBe("64"), () => fresh.links.ShouldBe(3));
            seen.Add(fresh.space);
            await net.Service.DisconnectAsync("one", CancellationToken.None);
        }

        net.Service.Pool.Missed.ShouldBe(0);
    }

    [Fact]
    public async Task A_daemon_that_ends_leaves_none_and_the_next_has_its_own()
    {
        await using var net = await OpenAsync();
        await FullAsync(net);
        await net.ConnectAsync("lives");
        await FullAsync(net);
        await net.StopAsync();
        await Eventually(() => net.Host.Links().Count(l => l.Kind == "veth") == 1);

        await net.StartAsync();
        await net.Service.AdoptAsync(["lives"], CancellationToken.None);
        await FullAsync(net);
        Agreement.Check(net, onPorts: false);

        await net.Service.ReleaseAllAsync(CancellationToken.None);
        await Eventually(() => !net.Host.Links().Any(l => l.Kind == "veth"));
        net.Service.Pool.Ready.ShouldBe(0);
    }

    [Fact]
    public async Task Links_that_somebody_removed_are_passed_over()
    {
        await using var net = await OpenAsync();
        await FullAsync(net);
        net.Host.Run(() =>
        {
            using var route = RouteSocket.Open();
            foreach (var link in route.Links().Where(l => l.Kind == "veth"))
                route.Commit(new RouteBatch().DeleteLink(link.Index));
        });

        (await net.ConnectAsync("a")).Address.ShouldNotBeNull();
        await FullAsync(net);
        Agreement.Check(net, onPorts: false);
    }

    [Fact]
    public async Task A_connection_that_fails_gives_nothing_back_and_leaves_nothing()
    {
        await using var net = await OpenAsync();
        await FullAsync(net);
        await net.ConnectAsync("a");
        var refusal = await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync(new EndpointRequest { ContainerId = "b", NetworkName = "bridge", Hostname = "b", IPv4Address = "10.77.0.2" }));
        refusal.Message.ShouldContain("10.77.0.2");

        await FullAsync(net);
        await Eventually(() => net.Host.Links().Count(l => l.Kind == "veth") == Size + 1);
        File.Exists(Path.Combine(net.Directory, "netns", "b")).ShouldBeFalse();
    }

    private static Task<NetworkFixture> OpenAsync() => NetworkFixture.OpenAsync(o => o with { PoolSize = Size });

    private static Task FullAsync(NetworkFixture net) => Eventually(() => net.Service.Pool is { } pool && pool.Ready == pool.Size && pool.BareReady == pool.BareSize);

    private static async Task Eventually(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
            await Task.Delay(5, patience.Token);
    }

    // What the kernel itself adds to a link that is up, version 6's own addresses and routes, comes a moment later.
    private static async Task AreAlikeAsync(NetworkAttachment pooled, NetworkAttachment made)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (Describe(pooled) != Describe(made) && !patience.IsCancellationRequested)
            await Task.Delay(5, CancellationToken.None);
        Describe(pooled).ShouldBe(Describe(made));
    }

    /// <summary>All that a container sees of its namespace, apart from numbers that are nobody's promise.</summary>
    private static string Describe(NetworkAttachment attachment) => TestSpace.RunAt(attachment.NetnsPath ?? "", () =>
    {
        using var route = RouteSocket.Open();
        List<string> lines = [];
        foreach (var link in route.Links())
        {
            lines.Add($"{link.Index} {link.Name} {link.Kind} {link.Mtu} {(link.IsUp ? "up" : "down")} {Convert.ToHexString(link.HardwareAddress.Span)}");
            foreach (var name in new[] { "ipv6/conf/{0}/disable_ipv6", "ipv6/conf/{0}/accept_ra", "ipv6/conf/{0}/accept_dad", "ipv6/conf/{0}/addr_gen_mode", "ipv4/conf/{0}/rp_filter" })
                lines.Add($"{name} {Sysctl.Read("net/" + string.Format(System.Globalization.CultureInfo.InvariantCulture, name, link.Name))}");
        }

        lines.AddRange(route.Addresses().Select(a => $"{a.Index} {a.Address}/{a.PrefixLength}"));
        lines.AddRange(route.Routes().Concat(route.Routes(true)).Select(r => $"{r.Destination}/{r.PrefixLength} {r.Index}"));
        return string.Join('\n', lines);
    });
}
