using System.Net;
using System.Net.Sockets;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Remote logs over the death of the daemon, which is what sends them.</summary>
public sealed class LogRecoveryTests
{
    [Fact]
    public async Task What_was_written_without_a_daemon_is_sent_by_the_next_one()
    {
        using var gate = new Scratch();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("run", "-d", "--name", "talker", "-v", $"{gate.Path}:/gate", "--log-driver", "syslog", "--log-opt", $"syslog-address=tcp://127.0.0.1:{LogDriverTests.Port(listener)}",
            "busybox", "sh", "-c", "echo before; while [ ! -e /gate/open ]; do sleep 0.05; done; echo meanwhile; touch /gate/said; sleep 3600")).Succeeded();
        using (var first = await listener.AcceptAsync().WaitAsync(Shell.Patience))
        {
            await LogDriverTests.ReadUntilAsync(first, "before");
            await daemon.CrashAsync();
        }

        await File.WriteAllTextAsync(Path.Combine(gate.Path, "open"), "");
        await Eventually.HoldsAsync("the container went on without a daemon", () => File.Exists(Path.Combine(gate.Path, "said")));
        await daemon.StartAgainAsync();

        using var second = await listener.AcceptAsync().WaitAsync(Shell.Patience);
        (await LogDriverTests.ReadUntilAsync(second, "meanwhile")).ShouldContain("meanwhile");
    }
}
