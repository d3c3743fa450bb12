using System.Net;
using System.Net.Sockets;
using System.Text;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Route;
using Sampan.Network;

namespace Sampan.Kernel.Tests.Network;

/// <summary>
/// Real connections: a namespace is the host, another a machine beside it, containers sit on the host's bridge.
/// <code>
///   outside 192.0.2.2 ──veth── 192.0.2.1 host ── sptest0 10.77.0.1 ── containers 10.77.0.2, …
/// </code>
/// </summary>
public class PublishedPortTests
{
    private const string HostOutside = "192.0.2.1";
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
            route.Commit(new RouteBatch().AddRoute(link.Index, IPAddress.Parse("127.0.0.1"), 32, IPAddress.Parse(HostOutside)));
        });
        (await NothingAnswersAsync(outside.Path, "127.0.0.1", 8080)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_container_does_not_reach_the_hosts_loopback()
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
            route.Commit(new RouteBatch().AddRoute(link.Index, IPAddress.Parse("127.0.0.1"), 32, IPAddress.Parse("10.77.0.1")));
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

    private static PortRequest Tcp(ushort host, ushort container) => new() { ContainerPort = container, HostPort = host };

    private static TestSpace JoinOutside(NetworkFixture net)
    {
        var outside = TestSpace.Make("outside");
        net.Host.Run(() =>
        {
            using var there = NetworkNamespace.Open(outside.Path);
            using var route = RouteSocket.Open();
            route.Commit(new RouteBatch().AddVeth(new VethPair { Name = "out0", Mtu = 1500, PeerName = "out1", PeerNamespace = there }).SetUp("out0"));
            var link = route.FindLink("out0") ?? throw new InvalidOperationException("no link");
            route.Commit(new RouteBatch().AddAddress(link.Index, IPAddress.Parse(HostOutside), 24));
        });
        outside.Run(() =>
        {
            using var route = RouteSocket.Open();
            var link = route.FindLink("out1") ?? throw new InvalidOperationException("no link");
            route.Commit(new RouteBatch()
                .AddAddress(link.Index, IPAddress.Parse("192.0.2.2"), 24)
                .SetUp(link.Index)
                .AddRoute(link.Index, IPAddress.Any, 0, IPAddress.Parse(HostOutside)));
        });
        return outside;
    }

    private static Socket Listen(IPAddress address, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen();
        return socket;
    }

    private static Socket Serve(NetworkAttachment container, int port) => ServeAt(container.NetnsPath ?? "", IPAddress.Any, port);

    /// <summary>Greets every peer by its address; ends when the listener is disposed.</summary>
    private static Socket ServeAt(string path, IPAddress address, int port)
    {
        var listener = TestSpace.RunAt(path, () => Listen(address, port));
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using var peer = await listener.AcceptAsync();
                await peer.SendAsync(Encoding.ASCII.GetBytes($"hello {((IPEndPoint?)peer.RemoteEndPoint)?.Address}"));
            }
        });
        return listener;
    }

    private static Socket ServeUdp(NetworkAttachment container, int port)
    {
        var socket = TestSpace.RunAt(container.NetnsPath ?? "", () =>
        {
            var made = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            made.Bind(new IPEndPoint(IPAddress.Any, port));
            return made;
        });
        _ = Task.Run(async () =>
        {
            var buffer = new byte[100];
            while (true)
            {
                var peer = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                await socket.SendToAsync(Encoding.ASCII.GetBytes($"hello {((IPEndPoint)peer.RemoteEndPoint).Address}"), peer.RemoteEndPoint);
            }
        });
        return socket;
    }

    /// <summary>What the server says, or null if it cannot be reached.</summary>
    private static Task<string?> AskAsync(string? path, string address, int port) => AskAsync(path, address, port, TimeSpan.FromSeconds(30));

    /// <summary>Refused or dropped; what drops a packet says nothing, so it is given two seconds and no more.</summary>
    private static async Task<bool> NothingAnswersAsync(string? path, string address, int port) => await AskAsync(path, address, port, TimeSpan.FromSeconds(2)) is null;

    private static async Task<string?> AskAsync(string? path, string address, int port, TimeSpan limit)
    {
        using var client = TestSpace.RunAt(path ?? "", () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        using var patience = new CancellationTokenSource(limit);
        try
        {
            await client.ConnectAsync(IPAddress.Parse(address), port, patience.Token);
            var buffer = new byte[100];
            var count = await client.ReceiveAsync(buffer, patience.Token);
            return Encoding.ASCII.GetString(buffer, 0, count);
        }
        catch (Exception refused) when (refused is SocketException or OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task<string> TalkAsync(Socket client, IPEndPoint host)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await client.SendToAsync("who am I"u8.ToArray(), host, patience.Token);
        var buffer = new byte[100];
        var answer = await client.ReceiveFromAsync(buffer, host, patience.Token);
        return Encoding.ASCII.GetString(buffer, 0, answer.ReceivedBytes);
    }

    private static async Task<string?> AskUdpAsync(string? path, string address, int port)
    {
        using var client = TestSpace.RunAt(path ?? "", () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await client.ConnectAsync(IPAddress.Parse(address), port, patience.Token);
        await client.SendAsync(Encoding.ASCII.GetBytes("who am I"), patience.Token);
        var buffer = new byte[100];
        var count = await client.ReceiveAsync(buffer, patience.Token);
        return Encoding.ASCII.GetString(buffer, 0, count);
    }
}
