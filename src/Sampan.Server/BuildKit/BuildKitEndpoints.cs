using Sampan.BuildKit.Sessions;
using Sampan.Engine;
using Sampan.Server.Docker;
using Sampan.Server.Grpc;
using Sampan.Server.Http;

namespace Sampan.Server.BuildKit;

/// <summary><c>POST /grpc</c>: the connection becomes HTTP/2, and on it BuildKit's services are called, as buildx does.</summary>
internal sealed class BuildKitEndpoints(DockerDaemon daemon, SessionRegistry sessions)
{
    private readonly Lazy<GrpcServer> _server = new(() => new GrpcServer(new BuildKitServices(daemon, sessions).Methods, daemon.Logs, daemon.Stopping));

    /// <summary>Adds the endpoint.</summary>
    internal void Map(RouteTable routes) => routes.Map("POST", "/grpc", Grpc);

    private Task Grpc(Exchange x)
    {
        if (daemon.Builder is null)
            throw new EngineException(ErrorKind.NotSupported, "building images is not supported by this engine");
        return _server.Value.TakeOverAsync(x);
    }
}
