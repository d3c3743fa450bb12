using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sampan.Engine;
using Sampan.Server.Http;

namespace Sampan.Server.Grpc;

/// <summary>
/// gRPC on a connection that was HTTP/1.1 before. Kestrel speaks HTTP/2 on it, and only there: each connection has a server of its own,
/// which is gone with it, so that an engine whose clients do not ask for gRPC holds nothing for it.
/// </summary>
internal static class GrpcServer
{
    private const int MaxStreams = 64;
    private const int MaxHeaders = 16 * 1024;

    private const string Protocol = "h2c";

    /// <summary>Upgrades the connection of a request that asks for it, and serves on it; see <see cref="ServeAsync"/>.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: it asks for something else.</exception>
    internal static Task TakeOverAsync(Exchange x, GrpcMethods methods, ILoggerFactory logs, CancellationToken stopping)
    {
        if (x.Http.Request.Headers.Upgrade is not [{ Length: > 0 } protocol, ..])
            throw new EngineException(ErrorKind.InvalidArgument, $"no upgrade proto in request: gRPC needs 'Upgrade: {Protocol}'");
        if (protocol != Protocol)
            throw new EngineException(ErrorKind.InvalidArgument, $"protocol {protocol} not supported: gRPC needs 'Upgrade: {Protocol}'");
        return x.TakeOverAsync(StatusCodes.Status101SwitchingProtocols, $"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: {Protocol}\r\n", transport => ServeAsync(x.Http.Connection.Id, transport, methods, logs, stopping));
    }

    /// <summary>Serves until the client closes the connection, or <paramref name="stopping"/> and its calls are over.</summary>
    /// <param name="id">The connection's name in logs.</param>
    /// <param name="transport">The bytes of both directions; HTTP/2 begins with the next.</param>
    /// <param name="methods">What can be called.</param>
    /// <param name="logs">Where the server logs.</param>
    /// <param name="stopping">No new calls from then on.</param>
    private static async Task ServeAsync(string id, IDuplexPipe transport, GrpcMethods methods, ILoggerFactory logs, CancellationToken stopping)
    {
        var connection = new HijackedConnection(id, new LentPipe(transport));
        using var ends = new ConnectionEnds();
        using var kestrel = new KestrelServer(Options.Create(Settings()), new HijackedListener(connection), logs);
        await kestrel.StartAsync(new GrpcApplication(methods, ends, logs.CreateLogger("grpc")), CancellationToken.None).ConfigureAwait(false);
        try
        {
            await connection.Ended.WaitAsync(stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The calls end by themselves: those that would last for ever watch the same token.
        }
        await kestrel.StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    // What HTTP/2 has been attacked by: streams that are opened and reset at once (CVE-2023-44487: Kestrel ends the connection), heads without
    // end (CVE-2024-27316: they count towards the largest head), a peer that does not read (its connection's writes wait, nobody else's).
    private static KestrelServerOptions Settings()
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.MaxRequestHeadersTotalSize = MaxHeaders;
        options.Limits.Http2.MaxStreamsPerConnection = MaxStreams;
        options.Limits.Http2.MaxRequestHeaderFieldSize = MaxHeaders;
        options.Listen(HijackedListener.Address, listen => listen.Protocols = HttpProtocols.Http2);
        return options;
    }
}
