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
/// <param name="methods">What can be called.</param>
/// <param name="logs">Where the server logs.</param>
/// <param name="stopping">No new calls from then on.</param>
internal sealed class GrpcServer(GrpcMethods methods, ILoggerFactory logs, CancellationToken stopping)
{
    /// <summary>So many connections are served at a time: each has a thread, and a build needs one.</summary>
    internal const int MaxConnections = 128;

    // Each target of "buildx bake" keeps two calls open while further ones ask for its pieces: without a place for those it would wait for ever.
    // With many more Kestrel does not see a flood of streams that are reset.
    private const int MaxStreams = 250;
    private const int MaxHeaders = 16 * 1024;

    private const string Protocol = "h2c";

    private int _connections;

    /// <summary>Upgrades the connection of a request that asks for it, and serves on it until the client closes it.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: it asks for something else. <see cref="ErrorKind.Unavailable"/>: there are too many.</exception>
    internal async Task TakeOverAsync(Exchange x)
    {
        if (x.Http.Request.Headers.Upgrade is not [{ Length: > 0 } protocol, ..])
            throw new EngineException(ErrorKind.InvalidArgument, $"no upgrade proto in request: gRPC needs 'Upgrade: {Protocol}'");
        if (protocol != Protocol)
            throw new EngineException(ErrorKind.InvalidArgument, $"protocol {protocol} not supported: gRPC needs 'Upgrade: {Protocol}'");
        try
        {
            if (Interlocked.Increment(ref _connections) > MaxConnections)
                throw new EngineException(ErrorKind.Unavailable, $"there are {MaxConnections} connections for gRPC, no more are taken: end builds that hang");
            await x.TakeOverAsync(StatusCodes.Status101SwitchingProtocols, $"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: {Protocol}\r\n", transport => ServeAsync(x.Http.Connection.Id, transport)).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    // Serves until the client closes the connection, or the engine stops and its calls are over. HTTP/2 begins with the next byte.
    private async Task ServeAsync(string id, IDuplexPipe transport)
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
