using Microsoft.AspNetCore.Http;
using Sampan.BuildKit.Sessions;
using Sampan.Engine;
using Sampan.Server.Http;
using Sampan.Server.Registry;

namespace Sampan.Server.Docker.Sessions;

/// <summary><c>POST /session</c>: a client's connection becomes one on which builds ask the client for files, secrets and agents.</summary>
internal sealed class SessionEndpoints(DockerDaemon daemon, SessionRegistry sessions)
{
    private const string Protocol = "h2c";

    /// <summary>Adds the endpoint.</summary>
    internal void Map(RouteTable routes) => routes.Map("POST", "/session", Open);

    private async Task Open(Exchange x)
    {
        var protocol = x.Http.Request.Headers.Upgrade.ToString();
        if (protocol != Protocol)
            throw new EngineException(ErrorKind.InvalidArgument, protocol.Length == 0 ? "no upgrade proto in request" : $"protocol {protocol} not supported");
        using var place = Enter(x.Http.Request.Headers);
        await x.TakeOverAsync(
            StatusCodes.Status101SwitchingProtocols,
            $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {Protocol}\r\n",
            transport => place.ServeAsync(new DuplexPipeStream(transport), daemon.Stopping)).ConfigureAwait(false);
    }

    private SessionPlace Enter(IHeaderDictionary headers)
    {
        try
        {
            return sessions.Open(SessionFacts.Read(name => headers[name]));
        }
        catch (SessionRefusedException refused)
        {
            throw new EngineException(ErrorKind.InvalidArgument, refused.Message, refused);
        }
    }
}
