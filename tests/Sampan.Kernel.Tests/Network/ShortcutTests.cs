using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Netlink.Route;
using Sampan.Network;
using static Sampan.Kernel.Tests.Network.ShortcutFixture;

namespace Sampan.Kernel.Tests.Network;

/// <summary>Containers of one network talk past its bridge; which way packets took is told by the counters of the links.</summary>
public class ShortcutTests
{
    [Fact]
    public async Task Packets_between_neighbours_go_past_the_bridge_and_are_counted_at_the_containers()
    {
        await using var net = await OpenAsync();
        var a = await net.ConnectAsync("a");
        var b = await net.ConnectAsync("b");
        var before = Received(b);

        (await CarryAsync(net, a, b)).ShouldBe(Way.Past);

        (Received(b) - before).ShouldBeGreaterThan(Much);
        net.Service.Networks.Single(n => n.Name == "bridge").Shortcut.ShouldBe(true);
        net.Service.Networks.Single(n => n.Name == "host").Shortcut.ShouldBeNull();
        Agreement.Check(net);
    }

    [Fact]
    public async Task Version_6_takes_it_too()
    {
        await using var net = await OpenAsync();
        await net.Service.CreateAsync(new NetworkRequest { Name = "six", IPv6 = true, IPv4 = false }, CancellationToken.None);
        var a = await JoinAsync(net, "a", "six");
        var b = await JoinAsync(net, "b", "six");

        (await CarryAsync(net, a, b)).ShouldBe(Way.Past);
    }

    [Fact]
    public async Task Slots_made_ahead_have_it()
    {
        await using var net = await OpenAsync(o => o with { PoolSize = 2 });
        await Eventually(() => net.Service.Pool is { Ready: 2 });
        var a = await net.ConnectAsync("a");
        var b = await net.ConnectAsync("b");
        net.Service.Pool.Missed.ShouldBe(0);

        (await CarryAsync(net, a, b)).ShouldBe(Way.Past);
        Agreement.Check(net);
    }

    [Fact]
    public async Task An_option_of_the_network_or_the_daemon_has_them_go_by_the_bridge()
    {
        await using var net = await OpenAsync(o => o with { Shortcut = false });
        await CreateAsync(net, "yes", ("io.sampan.network.shortcut", "true"));
        await CreateAsync(net, "no", ("io.sampan.network.shortcut", "false"));
        (await CarryAsync(net, await net.ConnectAsync("a"), await net.ConnectAsync("b"))).ShouldBe(Way.ByBridge);
        (await CarryAsync(net, await JoinAsync(net, "a", "yes"), await JoinAsync(net, "b", "yes"))).ShouldBe(Way.Past);
        (await CarryAsync(net, await JoinAsync(net, "a", "no"), await JoinAsync(net, "b", "no"))).ShouldBe(Way.ByBridge);

        net.Service.Networks.Where(n => n.Shortcut == true).Select(n => n.Name).ShouldBe(["yes"]);
        Agreement.Check(net);
        var refusal = await Should.ThrowAsync<NetworkException>(() => CreateAsync(net, "bad", ("io.sampan.network.shortcut", "perhaps")));
        refusal.Message.ShouldContain("io.sampan.network.shortcut");
    }

    [Fact]
    public async Task Who_may_not_talk_may_not_talk_past_the_bridge_either()
    {
        await using var net = await OpenAsync();
        await CreateAsync(net, "apart", ("com.docker.network.bridge.enable_icc", "false"), ("io.sampan.network.shortcut", "true"));
        await CreateAsync(net, "other");
        var a = await JoinAsync(net, "a", "apart");
        var b = await JoinAsync(net, "b", "apart");
        var c = await JoinAsync(net, "c", "other");
        using var serving = Traffic.Serve(b, Port);
        using var stranger = Traffic.Serve(c, Port);

        (await Traffic.NothingAnswersAsync(a.NetnsPath, Text(b), Port)).ShouldBeTrue();
        (await Traffic.NothingAnswersAsync(a.NetnsPath, Text(c), Port)).ShouldBeTrue();
        net.Service.Networks.Single(n => n.Name == "apart").Shortcut.ShouldBe(false);
        Agreement.Check(net);
    }

    [Fact]
    public async Task Frames_for_anothers_hardware_address_lead_nowhere_but_in_its_own_network()
    {
        // Two networks, in which one hardware address is two containers': the tables tell them apart.
        await using var net = await OpenAsync();
        await CreateAsync(net, "one");
        await CreateAsync(net, "two");
        const string same = "02:42:00:00:00:99";
        var client = await JoinAsync(net, "client", "one");
        var first = await JoinAsync(net, "first", "one", same);
        var second = await JoinAsync(net, "second", "two", same);
        var before = Received(second);

        (await CarryAsync(net, client, first)).ShouldBe(Way.Past);
        (Received(second) - before).ShouldBeLessThan(Much / 10);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_neighbour_that_takes_anothers_hardware_address_takes_no_packets_but_of_a_bridge(bool shortcut)
    {
        // A bridge believes whoever speaks last: that is the control. The tables are kept by who keeps the links.
        await using var net = await OpenAsync(o => o with { Shortcut = shortcut });
        var (client, victim, thief) = (await net.ConnectAsync("client"), await net.ConnectAsync("victim"), await net.ConnectAsync("thief"));
        (await CarryAsync(net, client, victim)).ShouldBe(shortcut ? Way.Past : Way.ByBridge);
        using var silent = TestSpace.RunAt(victim.NetnsPath ?? "", () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        silent.Bind(new IPEndPoint(IPAddress.Any, Port));
        using (var change = Process.Start(new ProcessStartInfo("nsenter", [$"--net={thief.NetnsPath}", "ip", "link", "set", "dev", "eth0", "address", victim.MacAddress ?? ""]) { UseShellExecute = false }) ?? throw new InvalidOperationException("nsenter did not start"))
        {
            await change.WaitForExitAsync();
            change.ExitCode.ShouldBe(0);
        }
        using var speaking = TestSpace.RunAt(thief.NetnsPath ?? "", () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { EnableBroadcast = true });
        await speaking.SendToAsync("it is me"u8.ToArray(), new IPEndPoint(IPAddress.Broadcast, Port));
        var before = Received(thief);

        using var sending = TestSpace.RunAt(client.NetnsPath ?? "", () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        for (var i = 0; i < 500; i++)
            await sending.SendToAsync(new byte[1000], new IPEndPoint(victim.Address ?? IPAddress.None, Port));

        if (shortcut)
            (Received(thief) - before).ShouldBeLessThan(50_000);
        else
            (Received(thief) - before).ShouldBeGreaterThan(50_000);
    }

    [Fact]
    public async Task An_address_that_another_container_has_now_leads_to_that_one()
    {
        await using var net = await OpenAsync();
        var a = await net.ConnectAsync("a");
        var address = (await net.ConnectAsync("old")).Address?.ToString();
        for (var i = 0; i < 5; i++)
        {
            await net.Service.DisconnectAsync(i == 0 ? "old" : $"new{i - 1}", CancellationToken.None);
            var next = await net.ConnectAsync(new EndpointRequest { ContainerId = $"new{i}", NetworkName = "bridge", Hostname = "new", IPv4Address = address });
            (await CarryAsync(net, a, next)).ShouldBe(Way.Past);
            Agreement.Check(net);
        }
    }

    [Fact]
    public async Task Two_that_want_the_same_hardware_address_do_not_take_the_way_from_each_other_by_leaving()
    {
        await using var net = await OpenAsync();
        var a = await net.ConnectAsync("a");
        const string same = "02:42:00:00:00:99";
        await JoinAsync(net, "first", "bridge", same);
        var second = await JoinAsync(net, "second", "bridge", same);
        await net.Service.DisconnectAsync("first", CancellationToken.None);

        (await CarryAsync(net, a, second)).ShouldBe(Way.Past);
        await net.Service.DisconnectAsync("second", CancellationToken.None);
        net.Service.ShortcutPlaces?.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_container_that_leaves_one_network_keeps_the_way_on_the_other()
    {
        await using var net = await OpenAsync();
        await CreateAsync(net, "one");
        await CreateAsync(net, "two");
        var a = await JoinAsync(net, "a", "one");
        await JoinAsync(net, "a", "two");
        var b = await JoinAsync(net, "b", "one");
        await JoinAsync(net, "b", "two");
        var two = net.Service.Networks.Single(n => n.Name == "two");
        await net.Service.DisconnectAsync("b", two.Id, CancellationToken.None);
        Agreement.Check(net);

        (await CarryAsync(net, a, b)).ShouldBe(Way.Past);
        net.Service.ShortcutPlaces?.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_daemon_that_is_replaced_disturbs_no_connection_and_may_decide_otherwise()
    {
        await using var net = await OpenAsync();
        var a = await net.ConnectAsync("a");
        var b = await net.ConnectAsync("b");
        using var listener = TestSpace.RunAt(b.NetnsPath ?? "", () => Traffic.Listen(IPAddress.Any, Port));
        using var client = TestSpace.RunAt(a.NetnsPath ?? "", () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await client.ConnectAsync(b.Address ?? IPAddress.None, Port);
        using var server = await listener.AcceptAsync();
        foreach (var wanted in new[] { true, false, true })
        {
            await net.StopAsync();
            await SayAsync(client, server); // while no daemon is there
            await net.StartAsync(o => o with { Shortcut = wanted });
            await SayAsync(client, server);
            await net.Service.AdoptAsync(["a", "b"], CancellationToken.None);
            await SayAsync(client, server);

            (await CarryAsync(net, a, b, Port + 1)).ShouldBe(wanted ? Way.Past : Way.ByBridge);
            Agreement.Check(net);
        }
    }

    [Fact]
    public async Task A_filter_that_somebody_removed_leaves_the_bridge()
    {
        await using var net = await OpenAsync();
        var a = await net.ConnectAsync("a");
        var b = await net.ConnectAsync("b");
        net.Host.Run(() =>
        {
            using var route = RouteSocket.Open();
            foreach (var link in route.Links().Where(l => l is { Kind: "veth", Master: not null }))
                route.Commit(new RouteBatch().RemoveFilter(link.Index));
        });

        (await CarryAsync(net, a, b)).ShouldBe(Way.ByBridge);
    }

    /// <summary>Sends much from one container to another, and tells which way it took: what the bridge sends goes out by the host's end of the pair.</summary>
    private static async Task<Way> CarryAsync(NetworkFixture net, NetworkAttachment from, NetworkAttachment to, int port = Port)
    {
        var address = to.Address ?? to.Address6 ?? IPAddress.None;
        var before = SentOnHost(net);
        await SendMuchAsync(open => TestSpace.RunAt(from.NetnsPath ?? "", open), new IPEndPoint(address, port), to, port);
        return SentOnHost(net) - before > Much / 2 ? Way.ByBridge : Way.Past;
    }

    private static long SentOnHost(NetworkFixture net) => net.Host.Run(() => Counters().Where(c => c.Link.StartsWith("veth", StringComparison.Ordinal)).Sum(c => c.Sent));

    private static async Task Eventually(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
            await Task.Delay(5, patience.Token);
    }
}
