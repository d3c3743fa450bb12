using System.Net;
using System.Net.Sockets;
using System.Text;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Route;
using Sampan.Network;

namespace Sampan.Kernel.Tests.Network;

/// <summary>Servers and clients in namespaces, and a machine beside the host.</summary>
internal static class Traffic
{
    internal const string HostOutside = "192.0.2.1";
    internal const string HostOutside6 = "2001:db8::1";

    /// <summary>An address of version 4 that a socket of version 6 sees.</summary>
    private static IPAddress Plain(this IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    internal static PortRequest Tcp(ushort host, ushort container) => new() { ContainerPort = container, HostPort = host };

    internal static TestSpace JoinOutside(NetworkFixture net)
    {
        var outside = TestSpace.Make("outside");
        net.Host.Run(() =>
        {
            using var there = NetworkNamespace.Open(outside.Path);
            using var route = RouteSocket.Open();
            route.Commit(new RouteBatch().AddVeth(new VethPair { Name = "out0", Mtu = 1500, PeerName = "out1", PeerNamespace = there }).SetUp("out0"));
            var link = route.FindLink("out0") ?? throw new InvalidOperationException("no link");
            route.Commit(new RouteBatch().AddAddress(link.Index, IPAddress.Parse(HostOutside), 24).AddAddress(link.Index, IPAddress.Parse(HostOutside6), 64));
        });
        outside.Run(() =>
        {
            using var route = RouteSocket.Open();
            var link = route.FindLink("out1") ?? throw new InvalidOperationException("no link");
            route.Commit(new RouteBatch()
                .AddAddress(link.Index, IPAddress.Parse("192.0.2.2"), 24)
                .AddAddress(link.Index, IPAddress.Parse("2001:db8::2"), 64)
                .SetUp(link.Index)
                .ReplaceRoute(link.Index, IPAddress.Any, 0, IPAddress.Parse(HostOutside))
                .ReplaceRoute(link.Index, IPAddress.IPv6Any, 0, IPAddress.Parse(HostOutside6)));
        });
        return outside;
    }

    internal static Socket Listen(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            socket.DualMode = true;
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen();
        return socket;
    }

    internal static Socket Serve(NetworkAttachment container, int port) => ServeAt(container.NetnsPath ?? "", container.Address6 is null ? IPAddress.Any : IPAddress.IPv6Any, port);

    /// <summary>Greets every peer by its address; ends when the listener is disposed.</summary>
    internal static Socket ServeAt(string path, IPAddress address, int port)
    {
        var listener = TestSpace.RunAt(path, () => Listen(address, port));
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using var peer = await listener.AcceptAsync();
                await peer.SendAsync(Encoding.ASCII.GetBytes($"hello {((IPEndPoint?)peer.RemoteEndPoint)?.Address.Plain()}"));
            }
        });
        return listener;
    }

    internal static Socket ServeUdp(NetworkAttachment container, int port)
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
    internal static Task<string?> AskAsync(string? path, string address, int port) => AskAsync(path, address, port, TimeSpan.FromSeconds(30));

    /// <summary>Refused or dropped; what drops a packet says nothing, so it is given two seconds and no more.</summary>
    internal static async Task<bool> NothingAnswersAsync(string? path, string address, int port) => await AskAsync(path, address, port, TimeSpan.FromSeconds(2)) is null;

    internal static async Task<string?> AskAsync(string? path, string address, int port, TimeSpan limit)
    {
        using var client = TestSpace.RunAt(path ?? "", () => new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp));
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

    internal static async Task<string> TalkAsync(Socket client, IPEndPoint host)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await client.SendToAsync("who am I"u8.ToArray(), host, patience.Token);
        var buffer = new byte[100];
        var answer = await client.ReceiveFromAsync(buffer, host, patience.Token);
        return Encoding.ASCII.GetString(buffer, 0, answer.ReceivedBytes);
    }

    internal static async Task<string?> AskUdpAsync(string? path, string address, int port)
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
