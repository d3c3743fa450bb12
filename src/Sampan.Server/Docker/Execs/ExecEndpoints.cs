using System.Text;
using Sampan.DockerApi;
using Sampan.DockerApi.Execs;
using Sampan.DockerApi.Streams;
using Sampan.Engine;
using Sampan.Engine.Execs;
using Sampan.Server.Docker.Containers;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Execs;

/// <summary>Further processes in running containers.</summary>
internal sealed class ExecEndpoints(DockerDaemon daemon)
{
    private readonly ContainerEngine _engine = daemon.Engine;

    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("POST", "/containers/{id}/exec", Create);
        routes.Map("POST", "/exec/{id}/start", Start);
        routes.Map("POST", "/exec/{id}/resize", Resize);
        routes.Map("GET", "/exec/{id}/json", x => x.WriteJsonAsync(200, ExecMapper.ToInspect(_engine.Execs.Get(x.Route("id"))), DockerApiJson.Wire.ExecInspect));
    }

    private async Task Create(Exchange x)
    {
        var request = await x.ReadJsonAsync(DockerApiJson.Wire.ExecCreateRequest, Shape.ExecRequest).ConfigureAwait(false);
        var id = _engine.Execs.Create(x.Route("id"), ExecMapper.FromRequest(request));
        await x.WriteJsonAsync(201, new IdResponse { Id = id }, DockerApiJson.Wire.IdResponse).ConfigureAwait(false);
    }

    private async Task Start(Exchange x)
    {
        var id = x.Route("id");
        var request = await x.ReadOptionalJsonAsync(DockerApiJson.Wire.ExecStartRequest, Shape.ExecRequest).ConfigureAwait(false) ?? new ExecStartRequest();
        var problems = new Problems();
        var options = new ExecStartOptions
        {
            Detach = request.Detach,
            ConsoleSize = ContainerRequestMapper.MapSize(request.ConsoleSize, problems),
        };
        problems.Throw();
        _engine.Execs.RequireStartable(id);
        if (options.Detach)
        {
            await _engine.Execs.StartAsync(id, options, x.Aborted).ConfigureAwait(false);
            await x.NoBody(200).ConfigureAwait(false);
            return;
        }

        // As Docker: the head is out before the process runs. Clients that read ahead behind the head (docker-py) would lose
        // output that comes with it; what fails from now on is text in the stream, and the exit code is in inspect.
        var spec = _engine.Execs.Get(id).Spec;
        await x.HijackAsync(spec.Tty, (input, output) => RunAsync(id, options, spec.AttachStdin ? input : null, output, spec.Tty, x.GoneAsync)).ConfigureAwait(false);
    }

    private async Task RunAsync(string id, ExecStartOptions options, Stream? input, Stream output, bool raw, Func<CancellationToken, Task> gone)
    {
        try
        {
            // Attached, it always has a stream.
            if (await _engine.Execs.StartAsync(id, options, daemon.Stopping).ConfigureAwait(false) is { } stream)
            {
                await using (stream.ConfigureAwait(false))
                {
                    await stream.PumpAsync(input, output, daemon.Stopping, gone).ConfigureAwait(false);
                }
            }
        }
        catch (EngineException refused)
        {
            await WriteTextAsync(output, raw, refused.Message).ConfigureAwait(false);
        }
    }

    private async Task Resize(Exchange x)
    {
        await _engine.Execs.ResizeAsync(x.Route("id"), TerminalQuery.Read(x), x.Aborted).ConfigureAwait(false);
        await x.NoBody(200).ConfigureAwait(false);
    }

    private static async Task WriteTextAsync(Stream output, bool raw, string message)
    {
        var text = Encoding.UTF8.GetBytes(message + "\r\n");
        if (!raw)
        {
            var header = new byte[StreamFraming.HeaderLength];
            StreamFraming.WriteHeader(header, StreamKind.Stdout, text.Length);
            text = [.. header, .. text];
        }

        await output.WriteAsync(text, CancellationToken.None).ConfigureAwait(false);
    }
}
