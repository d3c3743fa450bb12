using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Sampan.Server;
using Sampan.Server.Gateway;
using Sampand.Configuration;
using Sampand.Host;

namespace Sampand.Gateway;

/// <summary><c>sampand gateway</c>: leads requests by host and path to an engine's containers. A process of its own, which the engine's restart does not touch.</summary>
internal static class GatewayCommand
{
    private const string Help = """
        Usage: sampand gateway [OPTIONS]

        Leads HTTP requests by host and path to the containers of an engine that say by their labels what they want
        (sampan.gateway.host, .path, .port, .strip, .health, .network).

        Options:
              --listen ADDRESS:PORT      where to listen; may be repeated (default 127.0.0.1:8080, unless there is --listen-tls)
              --listen-tls ADDRESS:PORT  where to listen with TLS; may be repeated
              --certificates DIR         certificates, NAME.crt beside NAME.key, PEM; read again when they change
          -H, --host URL                 the engine (default unix:///run/sampan/sampan.sock)
              --timeout SECONDS          how long a service may take until its answer begins (default 60)
              --max-body BYTES           the longest body of a request (default: any)
              --max-connections NUMBER   how many clients may be connected (default 10000)
              --no-access-log            do not write a line for each request
          -D, --debug                    log more
          -h, --help                     print this and end

        Signals:
          SIGTERM, SIGINT   stop when open requests have ended, after ten seconds at most

        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Runs the command.</summary>
    /// <exception cref="ConfigurationException">An option, an address or a certificate cannot be used.</exception>
    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var line = GatewayCommandLine.Parse(arguments);
        if (line.Help)
        {
            Console.Out.Write(Help);
            return 0;
        }

        using var logs = new Logging.StderrLog(TimeProvider.System, line.Debug ? LogLevel.Debug : LogLevel.Information);
        List<ApiListener> plain = [.. line.Listen.Select(address => Listeners.Bind(address))];
        List<ApiListener> secret = [.. line.ListenTls.Select(address => Listeners.Bind(address))];
        await using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 4096) { AutoFlush = true };
        var writer = TextWriter.Synchronized(output);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminated = Signals.On(PosixSignal.SIGTERM, () => stop.TrySetResult());
        using var interrupted = Signals.On(PosixSignal.SIGINT, () => stop.TrySetResult());
        try
        {
            await using var gateway = await GatewayServer.StartAsync(
                line.Options with { Listeners = plain, TlsListeners = secret, AccessLog = line.HasAccessLog ? writer.WriteLine : null },
                TimeProvider.System,
                logs,
                CancellationToken.None);
            await using var memory = new IdleMemory(() => gateway.Activity, TimeProvider.System);
            DaemonLog.GatewayReady(logs.CreateLogger("gateway"), string.Join(", ", plain.Select(l => $"http://{l.Address}").Concat(secret.Select(l => $"https://{l.Address}"))), line.Options.Engine.Text);
            await stop.Task;
            using var patience = new CancellationTokenSource(s_patience);
            await gateway.StopAsync(patience.Token);
            return 0;
        }
        finally
        {
            foreach (var listener in plain.Concat(secret))
                listener.Socket.Dispose();
        }
    }
}
