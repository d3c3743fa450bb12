using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sampan.Server.Http;

namespace Sampan.Server.Tests.Http;

public sealed class KeepAliveTests
{
    /// <summary>What tells that a client has gone whose machine was switched off: nobody else would say so.</summary>
    [Fact]
    public async Task Silent_client_on_TCP_is_asked_whether_it_is_there()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = (IPEndPoint)socket.LocalEndPoint.ShouldNotBeNull();
        var talking = new TaskCompletionSource();
        var routes = new RouteTable().Map("POST", "/silent", x => x.HijackAsync(true, async (input, _) =>
        {
            talking.SetResult();
            await input.CopyToAsync(Stream.Null);
        }));
        await using var server = await ApiServer.StartAsync(routes, [new ApiListener(address, socket)], TimeProvider.System, new TestLog(), default);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(address);
        await client.SendAsync("POST /silent HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"u8.ToArray());
        await talking.Task.WaitAsync(TimeSpan.FromSeconds(60));
        // The head has been acknowledged when it has been read: no other timer is left then.
        await client.ReceiveAsync(new byte[4096]);

        // proc(5), /proc/net/tcp: the sixth field begins with the kind of the timer, 02 is that of keepalive; what follows is when it rings, in hundredths.
        var timer = await TimerAsync(address.Port, ((IPEndPoint)client.LocalEndPoint.ShouldNotBeNull()).Port);
        timer.Kind.ShouldBe("02");
        timer.Hundredths.ShouldBeInRange(1, 1500);
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await server.StopAsync(now.Token);
    }

    private static async Task<(string Kind, int Hundredths)> TimerAsync(int local, int remote)
    {
        while (true)
        {
            var row = (await File.ReadAllLinesAsync("/proc/self/net/tcp")).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Single(fields => fields[1].EndsWith($":{local:X4}", StringComparison.Ordinal) && fields[2].EndsWith($":{remote:X4}", StringComparison.Ordinal));
            var timer = row[5].Split(':');
            // 01: something is sent and not acknowledged yet.
            if (timer[0] != "01")
                return (timer[0], int.Parse(timer[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            await Task.Yield();
        }
    }
}
