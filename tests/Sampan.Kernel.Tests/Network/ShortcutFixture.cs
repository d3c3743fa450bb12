using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sampan.Network;

namespace Sampan.Kernel.Tests.Network;

/// <summary>What tests of the way past bridges share: networks that have one, streams, and the counters of links.</summary>
internal static class ShortcutFixture
{
    internal const int Port = 8000;
    internal const int Much = 4 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    internal static async Task<NetworkFixture> OpenAsync(Func<NetworkOptions, NetworkOptions>? change = null)
    {
        var net = await NetworkFixture.OpenAsync(change);
        if (net.Service.ShortcutPlaces is not null)
            return net;
        await net.DisposeAsync();
        Assert.Skip("this kernel has no way past bridges: 6.7 with BPF is needed");
        throw new InvalidOperationException("skipped");
    }

    internal static Task<NetworkRecord> CreateAsync(NetworkFixture net, string name, params (string Name, string Value)[] options) =>
        net.Service.CreateAsync(new NetworkRequest { Name = name, Options = options.ToDictionary(o => o.Name, o => o.Value) }, CancellationToken.None);

    internal static Task<NetworkAttachment> JoinAsync(NetworkFixture net, string id, string network, string? hardware = null, PortRequest? port = null) =>
        net.ConnectAsync(new EndpointRequest { ContainerId = id, NetworkName = network, Hostname = id, MacAddress = hardware, Ports = port is null ? [] : [port] });

    internal static string Text(NetworkAttachment container) => container.Address?.ToString() ?? "";

    /// <summary>Sends much to a container, to the port at which it listens or one that leads there.</summary>
    internal static async Task SendMuchAsync(Func<Func<Socket>, Socket> from, IPEndPoint target, NetworkAttachment to, int listensAt)
    {
        using var listener = TestSpace.RunAt(to.NetnsPath ?? "", () => Traffic.Listen(to.Address is null ? IPAddress.IPv6Any : IPAddress.Any, listensAt));
        using var client = from(() => new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        using var patience = new CancellationTokenSource(s_patience);
        await client.ConnectAsync(target, patience.Token);
        using var server = await listener.AcceptAsync(patience.Token);
        var sending = Task.Run(async () =>
        {
            for (var sent = 0; sent < Much;)
                sent += await client.SendAsync(new byte[64 << 10], patience.Token);
            client.Shutdown(SocketShutdown.Send);
        });
        var (got, buffer) = (0, new byte[64 << 10]);
        while (await server.ReceiveAsync(buffer, patience.Token) is > 0 and var count)
            got += count;
        await sending;
        got.ShouldBeGreaterThanOrEqualTo(Much);
    }

    /// <summary>One byte over an open connection.</summary>
    internal static async Task SayAsync(Socket from, Socket to)
    {
        using var patience = new CancellationTokenSource(s_patience);
        await from.SendAsync("x"u8.ToArray(), patience.Token);
        (await to.ReceiveAsync(new byte[1], patience.Token)).ShouldBe(1);
    }

    /// <summary>The links of the calling thread's namespace, and what went through them since they are there.</summary>
    // Inter-|   Receive … bytes packets errs drop fifo frame compressed multicast | Transmit bytes packets …
    internal static IReadOnlyList<(string Link, long Received, long Sent, long SentPackets)> Counters() =>
    [
        .. File.ReadLines("/proc/thread-self/net/dev").Skip(2).Select(line => line.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries))
            .Select(f => (f[0], Number(f[1]), Number(f[9]), Number(f[10]))),
    ];

    /// <summary>Bytes that a container's first interface received.</summary>
    internal static long Received(NetworkAttachment container) => TestSpace.RunAt(container.NetnsPath ?? "", () => Counters().Single(c => c.Link == "eth0").Received);

    private static long Number(string digits) => long.Parse(digits, CultureInfo.InvariantCulture);
}
