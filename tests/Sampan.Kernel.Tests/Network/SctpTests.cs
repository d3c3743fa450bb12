using System.Diagnostics;
using Sampan.Network;
using static Sampan.Kernel.Tests.Network.Traffic;

namespace Sampan.Kernel.Tests.Network;

/// <summary>SCTP, where the kernel has it: the guest's does. .NET has no such sockets, socat has.</summary>
[Trait("guest", "long")]
public class SctpTests
{
    [Fact]
    public async Task A_published_sctp_port_is_reached_from_outside_with_the_clients_address_and_nobody_else_gets_it()
    {
        using (var load = Process.Start(new ProcessStartInfo("modprobe", ["-q", "sctp"])))
            load?.WaitForExit();
        if (!File.ReadLines("/proc/net/protocols").Any(l => l.StartsWith("SCTP ", StringComparison.Ordinal)))
            Assert.Skip("this kernel has no SCTP (CONFIG_IP_SCTP); the guest's has");
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        var request = new PortRequest { Protocol = PortProtocol.Sctp, ContainerPort = 80, HostPort = 8080 };
        var server = await net.ConnectAsync("server", request);
        using var serving = Socat(server.NetnsPath!, "SCTP4-LISTEN:80,fork", "SYSTEM:echo hello $SOCAT_PEERADDR");
        try
        {
            var answer = "";
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
            while (answer.Length == 0)
            {
                using var client = Socat(outside.Path, "-u", $"SCTP4:{HostOutside}:8080,bind=192.0.2.2,connect-timeout=5", "-");
                answer = await client.StandardOutput.ReadToEndAsync(patience.Token);
                await client.WaitForExitAsync(patience.Token);
            }

            answer.ShouldBe("hello 192.0.2.2\n");
        }
        finally
        {
            serving.Kill(entireProcessTree: true);
            await serving.WaitForExitAsync();
        }

        (await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync("other", request))).Message.ShouldContain("port is already allocated (by container 'server')");
        using var stranger = Socat(net.Host.Path, "SCTP4-LISTEN:8080", "STDOUT");
        (await stranger.StandardError.ReadToEndAsync()).ShouldContain("Address already in use");
        await stranger.WaitForExitAsync();
    }

    private static Process Socat(string space, params string[] words) =>
        Process.Start(new ProcessStartInfo("nsenter", [$"--net={space}", "socat", .. words]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false }) ?? throw new InvalidOperationException("nsenter did not start");
}
