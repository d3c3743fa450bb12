using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Netlink.Route;
using Sampan.Network;
using static Sampan.Kernel.Tests.Network.Traffic;

namespace Sampan.Kernel.Tests.Network;

/// <summary>
/// Real connections: a namespace is the host, another a machine beside it, containers sit on the host's bridge.
/// <code>
///   outside 192.0.2.2 ──veth── 192.0.2.1 host ── sptest0 10.77.0.1 ── containers 10.77.0.2, …
/// </code>
/// </summary>
public class PublishedPortTests
{
    private static readonly IPAddress s_container = IPAddress.Parse("10.77.0.2");

    [Fact]
    public async Task A_published_tcp_port_is_reached_from_outside_from_the_host_from_its_loopback_and_from_containers()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        var web = await net.ConnectAsync("web", Tcp(8080, 80));
        var other = await net.ConnectAsync("other");
        using var server = Serve(web, 80);

        (await AskAsync(outside.Path, HostOutside, 8080)).ShouldBe("hello 192.0.2.2");
        (await AskAsync(net.Host.Path, HostOutside, 8080)).ShouldBe("hello 192.0.2.1");
        (await AskAsync(net.Host.Path, "127.0.0.1", 8080)).ShouldBe("hello 10.77.0.1");
        (await AskAsync(net.Host.Path, "10.77.0.1", 8080)).ShouldBe("hello 10.77.0.1");
        (await AskAsync(net.Host.Path, "10.77.0.2", 80)).ShouldBe("hello 10.77.0.1");
        (await AskAsync(other.NetnsPath, HostOutside, 8080)).ShouldBe("hello 10.77.0.1");
        (await AskAsync(other.NetnsPath, "10.77.0.2", 80)).ShouldBe("hello 10.77.0.3");
        (await AskAsync(web.NetnsPath, HostOutside, 8080)).ShouldBe("hello 10.77.0.1");
    }

    [Fact]
    public async Task A_port_that_is_not_published_is_closed_to_the_outside_even_by_the_containers_address()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        var web = await net.ConnectAsync("web", Tcp(8080, 80));
        using var server = Serve(web, 80);
        using var secret = Serve(web, 81);

        (await NothingAnswersAsync(outside.Path, "10.77.0.2", 80)).ShouldBeTrue();
        (await NothingAnswersAsync(outside.Path, "10.77.0.2", 81)).ShouldBeTrue();
        (await NothingAnswersAsync(outside.Path, HostOutside, 81)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_port_published_on_loopback_is_reached_from_the_host_alone()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        var web = await net.ConnectAsync("web", Tcp(8080, 80) with { HostAddress = IPAddress.Loopback });
        var other = await net.ConnectAsync("other");
        using var server = Serve(web, 80);

        (await AskAsync(net.Host.Path, "127.0.0.1", 8080)).ShouldBe("hello 10.77.0.1");
        (await NothingAnswersAsync(outside.Path, HostOutside, 8080)).ShouldBeTrue();
        (await NothingAnswersAsync(other.NetnsPath, "10.77.0.1", 8080)).ShouldBeTrue();

        // A neighbour that addresses 127.0.0.1 to us by hand: martian for the kernel, and not rewritten before it looks.
        outside.Run(() =>
        {
            Sampan.Linux.Proc.Sysctl.Write("net/ipv4/conf/all/route_localnet", "1");
            using var route = RouteSocket.Open();
            var link = route.FindLink("out1") ?? throw new InvalidOperationException("no link");
            route.Commit(new RouteBatch().ReplaceRoute(link.Index, IPAddress.Parse("127.0.0.1"), 32, IPAddress.Parse(HostOutside)));
        });
        (await NothingAnswersAsync(outside.Path, "127.0.0.1", 8080)).ShouldBeTrue();
    }

    [Fact]
    public async Task CVE_2020_8558_a_container_does_not_reach_the_hosts_loopback()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var container = await net.ConnectAsync("c1");
        using var server = ServeAt(net.Host.Path, IPAddress.Loopback, 7000);
        TestSpace.RunAt(container.NetnsPath ?? "", () =>
        {
            // What CVE-2020-8558 did: 127.0.0.1 by way of the bridge, from a container that may change its routes.
            Sampan.Linux.Proc.Sysctl.Write("net/ipv4/conf/all/route_localnet", "1");
            using var route = RouteSocket.Open();
            route.Commit(new RouteBatch().SetUp("lo", up: false));
            var link = route.FindLink("eth0") ?? throw new InvalidOperationException("no link");
            route.Commit(new RouteBatch().ReplaceRoute(link.Index, IPAddress.Parse("127.0.0.1"), 32, IPAddress.Parse("10.77.0.1")));
            return true;
        });

        (await NothingAnswersAsync(container.NetnsPath, "127.0.0.1", 7000)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_published_udp_port_answers_outside_and_on_the_hosts_loopback()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        var web = await net.ConnectAsync("dns", new PortRequest { Protocol = PortProtocol.Udp, ContainerPort = 53, HostPort = 5353 });
        using var server = ServeUdp(web, 53);

        (await AskUdpAsync(outside.Path, HostOutside, 5353)).ShouldBe("hello 192.0.2.2");
        (await AskUdpAsync(net.Host.Path, "127.0.0.1", 5353)).ShouldBe("hello 10.77.0.1");
    }

    [Fact]
    public async Task A_peer_that_goes_on_sending_finds_the_new_owner_of_a_udp_port()
    {
        var request = new PortRequest { Protocol = PortProtocol.Udp, ContainerPort = 53, HostPort = 5353 };
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        using var client = outside.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        var host = new IPEndPoint(IPAddress.Parse(HostOutside), 5353);
        await client.SendToAsync("nobody is there yet"u8.ToArray(), host);
        var first = await net.ConnectAsync("first", request);
        using (ServeUdp(first, 53))
            (await TalkAsync(client, host)).ShouldBe("hello 192.0.2.2");
        await net.Service.DisconnectAsync("first", CancellationToken.None);
        await client.SendToAsync("anybody?"u8.ToArray(), host);
        var second = await net.ConnectAsync("second", request);
        using var server = ServeUdp(second, 53);

        (await TalkAsync(client, host)).ShouldBe("hello 192.0.2.2");
    }

    [Fact]
    public async Task Containers_go_out_with_the_hosts_address()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        var container = await net.ConnectAsync("c1");
        using var server = ServeAt(outside.Path, IPAddress.Any, 8000);

        (await AskAsync(container.NetnsPath, "192.0.2.2", 8000)).ShouldBe("hello 192.0.2.1");
    }

    [Fact]
    public async Task A_disconnected_containers_port_is_closed_and_free_for_the_next()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        var first = await net.ConnectAsync("first", Tcp(8080, 80));
        using (Serve(first, 80))
            (await AskAsync(outside.Path, HostOutside, 8080)).ShouldNotBeNull();
        await net.Service.DisconnectAsync("first", CancellationToken.None);
        (await NothingAnswersAsync(outside.Path, HostOutside, 8080)).ShouldBeTrue();

        var second = await net.ConnectAsync("second", Tcp(8080, 80));
        using var server = Serve(second, 80);

        (await AskAsync(outside.Path, HostOutside, 8080)).ShouldBe("hello 192.0.2.2");
        second.Address.ShouldNotBe(s_container);
    }

    [Fact]
    public async Task Much_data_passes_a_published_port_unharmed()
    {
        const int size = 8 << 20;
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        var web = await net.ConnectAsync("web", Tcp(8080, 80));
        var sent = new byte[size];
        new Random(1).NextBytes(sent);
        using var listener = TestSpace.RunAt(web.NetnsPath ?? "", () => Listen(IPAddress.Any, 80));
        var sending = Task.Run(async () =>
        {
            using var peer = await listener.AcceptAsync();
            await using var stream = new NetworkStream(peer);
            await stream.WriteAsync(sent);
        });
        using var client = outside.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await client.ConnectAsync(HostOutside, 8080);
        await using var received = new NetworkStream(client);
        using var copy = new MemoryStream();
        await received.CopyToAsync(copy);
        await sending;

        copy.ToArray().AsSpan().SequenceEqual(sent).ShouldBeTrue();
    }
}
