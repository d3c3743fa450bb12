using System.Net.Sockets;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;
using Sampan.BuildKit.Sessions;

namespace Sampan.Server.Tests.Sessions;

/// <summary>A client of BuildKit's protocol that serves what a test says: HTTP/2 without an upgrade, the engine being who calls.</summary>
internal sealed class SessionPeer : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-session-").FullName;
    private readonly WebApplication _server;
    private readonly List<IAsyncDisposable> _sessions = [];

    private SessionPeer(IReadOnlyDictionary<string, Func<Call, Task>> methods)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(SocketPath, listen => listen.Protocols = HttpProtocols.Http2));
        _server = builder.Build();
        _server.Run(http => ServeAsync(http, methods));
    }

    private string SocketPath => Path.Combine(_directory, "peer.sock");

    /// <summary>Starts a client that serves these methods, by their paths, and health checks.</summary>
    internal static async Task<SessionPeer> StartAsync(IReadOnlyDictionary<string, Func<Call, Task>> methods)
    {
        var peer = new SessionPeer(methods);
        await peer._server.StartAsync();
        return peer;
    }

    /// <summary>A connection to it, which is its to serve.</summary>
    internal async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Its session, as the engine has it.</summary>
    internal async Task<ClientSession> SessionAsync(params string[] methods)
    {
        var session = new ClientSession(new SessionFacts { Id = "test", Methods = methods.ToHashSet() }, await ConnectAsync(), TimeProvider.System);
        _sessions.Add(session);
        return session;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Directory.Exists(_directory))
            return;
        foreach (var session in _sessions)
            await session.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task ServeAsync(HttpContext http, IReadOnlyDictionary<string, Func<Call, Task>> methods)
    {
        http.Response.ContentType = "application/grpc";
        var call = new Call(http);
        if (http.Request.Path == "/grpc.health.v1.Health/Check")
            await call.WriteAsync(new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.Serving });
        else if (methods.TryGetValue(http.Request.Path.ToString(), out var method))
            await method(call);
        else
            call.End(GrpcCode.Unimplemented, "no such method");
        if (!call.IsEnded)
            call.End(GrpcCode.Ok, "");
        await http.Response.CompleteAsync();
    }

    /// <summary>One call, as the client has it.</summary>
    internal sealed class Call(HttpContext http)
    {
        internal bool IsEnded { get; private set; }

        /// <summary>Each value of a header that came in a field of its own.</summary>
        internal string[] Header(string name) => [.. http.Request.Headers[name].OfType<string>()];

        internal ValueTask<T?> ReadAsync<T>(MessageParser<T> parser)
            where T : class, IMessage<T> => GrpcFrame.ReadAsync(http.Request.BodyReader, parser, GrpcFrame.MaxBytes, http.RequestAborted);

        internal Task WriteAsync(IMessage message) => RawAsync(GrpcFrame.ToBytes(message));

        internal async Task RawAsync(byte[] bytes) => await http.Response.BodyWriter.WriteAsync(bytes, http.RequestAborted);

        internal void End(GrpcCode code, string message)
        {
            IsEnded = true;
            http.Response.AppendTrailer("grpc-status", ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture));
            http.Response.AppendTrailer("grpc-message", Uri.EscapeDataString(message));
        }

        /// <summary>Breaks the connection's stream.</summary>
        internal void Abort() => http.Features.GetRequiredFeature<IHttpResetFeature>().Reset(2);
    }
}
