using Sampan.Build;
using Sampan.BuildKit.Sessions;
using Sampan.Engine;
using Sampan.Server.Docker.Images;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Sessions;

/// <summary>
/// <c>POST /build?version=2</c>: builds of clients that stay connected by a session, which is asked for what the build needs, and that are told what
/// happens in BuildKit's messages.
/// </summary>
internal sealed class SessionBuilds(DockerDaemon daemon, SessionRegistry sessions)
{
    private const string BySession = "client-session";
    private const string ByUpload = "upload-request";

    private readonly RunningBuilds _builds = new(daemon.Time);

    /// <summary>Adds the endpoint for cancelling.</summary>
    internal void Map(RouteTable routes) => routes.Map("POST", "/build/cancel", Cancel);

    /// <summary>Builds.</summary>
    /// <param name="x">The request.</param>
    /// <param name="build">Runs a build and turns a stop of the engine into an answer.</param>
    internal async Task BuildAsync(Exchange x, Func<Func<CancellationToken, Task>, CancellationToken, Task> build)
    {
        var builder = daemon.Builder ?? throw new EngineException(ErrorKind.NotSupported, "building images is not supported by this engine");
        var id = x.Query("buildid");
        if (id?.StartsWith(RunningBuilds.Upload, StringComparison.Ordinal) == true)
        {
            await _builds.BringAsync(id[RunningBuilds.Upload.Length..], x.Archive, x.Aborted).ConfigureAwait(false);
            return;
        }
        using var running = _builds.Begin(id, x.Aborted);
        // First of all: Docker's client waits for ever if it is refused while it still opens its session.
        var session = await SessionAsync(x.Query("session"), running.Stopped).ConfigureAwait(false);
        var asked = BuildRequestMapper.FromRequest(x, daemon.DefaultUlimits);
        using var brought = asked.Remote == ByUpload ? await _builds.TakeAsync(id is { Length: > 0 } ? id : throw new EngineException(ErrorKind.InvalidArgument, $"remote '{ByUpload}' needs a 'buildid', by which a second request brings the context"), running.Stopped).ConfigureAwait(false) : null;
        var output = BuildOutput.Read(x.Query("outputs"));
        var client = new SessionClient(session);
        var request = asked with
        {
            Client = client,
            Tags = [.. asked.Tags, .. output.Names.Select(BuildRequestMapper.Tag)],
            Output = output.Taker(session, daemon.Engine.Steps),
            Remote = asked.Remote is BySession or ByUpload ? null : asked.Remote,
            Context = brought?.Content,
            WatchesSteps = true,
        };
        await using var stream = new TraceStream(x, x.Flag("q"), new BuildTrace(Guid.NewGuid().ToString("n"), daemon.Time));
        await stream.RunAsync(() => build(async ct =>
        {
            try
            {
                await builder.BuildAsync(request with { Room = stream.RoomAsync }, stream, ct).ConfigureAwait(false);
                if (output.IsPushed)
                    await PushAsync(output, client, ct).ConfigureAwait(false);
            }
            catch (EngineException failure)
            {
                throw new BuildException(failure.Kind, failure.Message, null, failure);
            }
            catch (OperationCanceledException cancelled) when (running.Stopped.IsCancellationRequested && !x.Aborted.IsCancellationRequested)
            {
                throw new BuildException(ErrorKind.Cancelled, "context canceled", null, cancelled);
            }
        }, running.Stopped)).ConfigureAwait(false);
    }

    private async Task PushAsync(BuildOutput output, SessionClient client, CancellationToken ct)
    {
        foreach (var name in output.Names.Select(BuildRequestMapper.Tag))
            await daemon.Engine.Images.PushAsync(name.ToString(), null, await client.FindLoginAsync(name.Domain, ct).ConfigureAwait(false), null, ct).ConfigureAwait(false);
    }

    private async Task<ClientSession> SessionAsync(string? id, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(id))
            throw new EngineException(ErrorKind.InvalidArgument, "a build of version 2 needs the session of its client: open one by POST /session and give its id as 'session'");
        try
        {
            return await sessions.FindAsync(id, ct).ConfigureAwait(false);
        }
        catch (SessionRefusedException none)
        {
            throw new EngineException(ErrorKind.InvalidArgument, none.Message, none);
        }
    }

    private Task Cancel(Exchange x)
    {
        if (x.Query("id") is not { Length: > 0 } id)
            throw new EngineException(ErrorKind.InvalidArgument, "build ID not provided");
        _builds.Cancel(id);
        x.Http.Response.ContentType = "application/json";
        return x.NoBody(200);
    }
}
