using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Netlink.Route;
using Sampan.Network;
using static Sampan.Kernel.Tests.Network.ShortcutFixture;

namespace Sampan.Kernel.Tests.Network;

/// <summary>What the host sends to containers goes past their bridge; which way packets took is told by the bridge's own counter.</summary>
public class HostShortcutTests
{
    private const int Published = 18000;
    private const int Frames = 50;

    [Fact]
    public async Task From_the_host_from_its_loopback_and_from_outside_packets_go_past_the_bridge_and_are_counted_at_the_container()
    {
        await using var net = await OpenAsync();
        using var outside = Traffic.JoinOutside(net);
        var web = await net.ConnectAsync("web", Traffic.Tcp(Published, Port));
        var before = Received(web);

        (await CarryAsync(net, net.Host, Text(web), Port, web)).ShouldBe(Way.Past);
        (await CarryAsync(net, net.Host, "127.0.0.1", Published, web)).ShouldBe(Way.Past);
        (await CarryAsync(net, outside, Traffic.HostOutside, Published, web)).ShouldBe(Way.Past);

        (Received(web) - before).ShouldBeGreaterThan(3 * Much);
        Agreement.Check(net);
    }

    [Fact]
    public async Task Version_6_takes_it_too()
    {
        await using var net = await OpenAsync();
        using var outside = Traffic.JoinOutside(net);
        await net.Service.CreateAsync(new NetworkRequest { Name = "six", IPv6 = true, IPv4 = false }, CancellationToken.None);
        var web = await JoinAsync(net, "web", "six", port: Traffic.Tcp(Published, Port) with { HostAddress = IPAddress.IPv6Any });

        (await CarryAsync(net, net.Host, web.Address6?.ToString() ?? "", Port, web, "six")).ShouldBe(Way.Past);
        (await CarryAsync(net, outside, Traffic.HostOutside6, Published, web, "six")).ShouldBe(Way.Past);
    }

    [Fact]
    public async Task An_option_of_the_network_or_the_daemon_has_them_go_by_the_bridge()
    {
        await using var net = await OpenAsync(o => o with { Shortcut = false });
        await CreateAsync(net, "yes", ("io.sampan.network.shortcut", "true"));
        await CreateAsync(net, "apart", ("com.docker.network.bridge.enable_icc", "false"), ("io.sampan.network.shortcut", "true"));
        var plain = await net.ConnectAsync("plain");
        var yes = await JoinAsync(net, "yes", "yes");
        var apart = await JoinAsync(net, "apart", "apart");

        (await CarryAsync(net, net.Host, Text(plain), Port, plain)).ShouldBe(Way.ByBridge);
        (await CarryAsync(net, net.Host, Text(yes), Port, yes, "yes")).ShouldBe(Way.Past);
        (await CarryAsync(net, net.Host, Text(apart), Port, apart, "apart")).ShouldBe(Way.ByBridge);
    }

    [Fact]
    public async Task A_daemon_that_is_replaced_disturbs_no_connection_and_may_decide_otherwise()
    {
        await using var net = await OpenAsync();
        var web = await net.ConnectAsync("web", Traffic.Tcp(Published, Port));
        using var listener = TestSpace.RunAt(web.NetnsPath ?? "", () => Traffic.Listen(IPAddress.Any, Port));
        using var client = TestSpace.RunAt(net.Host.Path, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await client.ConnectAsync(IPAddress.Loopback, Published);
        using var server = await listener.AcceptAsync();
        foreach (var wanted in new[] { true, false, true })
        {
            await net.StopAsync();
            await SayAsync(client, server); // while no daemon is there
            await net.StartAsync(o => o with { Shortcut = wanted });
            await net.Service.AdoptAsync(["web"], CancellationToken.None);
            await SayAsync(client, server);

            (await CarryAsync(net, net.Host, Text(web), Port + 1, web)).ShouldBe(wanted ? Way.Past : Way.ByBridge);
        }
    }

    [Fact]
    public async Task A_container_that_has_an_address_after_another_one_gets_its_packets()
    {
        await using var net = await OpenAsync();
        var address = Text(await net.ConnectAsync("old"));
        for (var i = 0; i < 5; i++)
        {
            await net.Service.DisconnectAsync(i == 0 ? "old" : $"new{i - 1}", CancellationToken.None);
            var next = await net.ConnectAsync(new EndpointRequest { ContainerId = $"new{i}", NetworkName = "bridge", Hostname = "new", IPv4Address = address });
            (await CarryAsync(net, net.Host, address, Port, next)).ShouldBe(Way.Past);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Datagrams_in_many_fragments_arrive(bool version6)
    {
        const int bytes = 20_000;
        await using var net = await OpenAsync();
        await net.Service.CreateAsync(new NetworkRequest { Name = "both", IPv6 = true }, CancellationToken.None);
        var web = await JoinAsync(net, "web", "both");
        var (any, to) = version6 ? (IPAddress.IPv6Any, web.Address6) : (IPAddress.Any, web.Address);
        using var server = TestSpace.RunAt(web.NetnsPath ?? "", () =>
        {
            var made = new Socket(any.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            made.Bind(new IPEndPoint(any, Port));
            return made;
        });
        using var client = net.Host.Run(() => new Socket(any.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        await client.SendToAsync(new byte[bytes], new IPEndPoint(to ?? any, Port), patience.Token);

        (await server.ReceiveAsync(new byte[bytes + 1], patience.Token)).ShouldBe(bytes);
    }

    [Fact]
    public async Task Only_frames_of_version_4_and_6_for_a_container_of_the_network_leave_the_bridge_out()
    {
        await using var net = await OpenAsync();
        await CreateAsync(net, "other");
        var web = await net.ConnectAsync("web");
        var stranger = await JoinAsync(net, "stranger", "other");
        var (own, foreign) = (Hardware(web), Hardware(stranger));
        byte[] version4 = [0x08, 0x00], version6 = [0x86, 0xdd], other = [0x88, 0xb5], tagged = [0x81, 0x00, 0x00, 0x05, 0x08, 0x00];

        BySend(net, own, version4).ShouldBe(Way.Past);
        BySend(net, own, version6).ShouldBe(Way.Past);
        BySend(net, own, other).ShouldBe(Way.ByBridge);
        BySend(net, own, tagged).ShouldBe(Way.ByBridge);
        BySend(net, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff], version4).ShouldBe(Way.ByBridge);
        BySend(net, [0x02, 0x42, 0, 0, 0, 0x99], version4).ShouldBe(Way.ByBridge);
        var before = Received(stranger);
        BySend(net, foreign, version4).ShouldBe(Way.ByBridge);
        (Received(stranger) - before).ShouldBeLessThan(Frames * 60); // bytes: a frame of somebody else's may come, too
    }

    /// <summary>Sends much to a container, and tells which way it took: what goes by the bridge is counted there.</summary>
    private static async Task<Way> CarryAsync(NetworkFixture net, TestSpace from, string address, int port, NetworkAttachment to, string network = "bridge")
    {
        var bridge = net.Service.Networks.Single(n => n.Name == network).Bridge ?? "";
        var target = IPAddress.Parse(address);
        var before = Sent(net, bridge).Bytes;
        await SendMuchAsync(from.Run, new IPEndPoint(target, port), to, port == Published ? Port : port);
        return Sent(net, bridge).Bytes - before > Much / 2 ? Way.ByBridge : Way.Past;
    }

    /// <summary>Hands frames to the default bridge as the host's own.</summary>
    private static Way BySend(NetworkFixture net, byte[] hardware, byte[] type)
    {
        byte[] frame = [.. hardware, 0x02, 0, 0, 0, 0, 1, .. type, .. new byte[60]];
        var before = Sent(net, NetworkFixture.Bridge).Packets;
        net.Host.Run(() =>
        {
            using var route = RouteSocket.Open();
            using var socket = new Socket(AddressFamily.Packet, SocketType.Raw, 0);
            var to = new LinkEndPoint(route.FindLink(NetworkFixture.Bridge)?.Index ?? 0);
            for (var i = 0; i < Frames; i++)
                socket.SendTo(frame, to).ShouldBe(frame.Length);
        });
        return Sent(net, NetworkFixture.Bridge).Packets - before >= Frames ? Way.ByBridge : Way.Past;
    }

    /// <summary><c>struct sockaddr_ll</c>, for frames whose header is in them.</summary>
    private sealed class LinkEndPoint(int index) : EndPoint
    {
        private const int Size = 20;
        private const int IndexAt = 4;

        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Packet, Size);
            BitConverter.TryWriteBytes(address.Buffer.Span[IndexAt..], index).ShouldBeTrue();
            return address;
        }
    }

    private static byte[] Hardware(NetworkAttachment container) =>
        TestSpace.RunAt(container.NetnsPath ?? "", () =>
        {
            using var route = RouteSocket.Open();
            return route.FindLink("eth0")?.HardwareAddress.ToArray() ?? [];
        });

    private static (long Bytes, long Packets) Sent(NetworkFixture net, string link) => net.Host.Run(() =>
    {
        var counters = Counters().Single(c => c.Link == link);
        return (counters.Sent, counters.SentPackets);
    });
}
