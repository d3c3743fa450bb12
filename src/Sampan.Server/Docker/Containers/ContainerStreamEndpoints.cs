using System.Globalization;
using Sampan.DockerApi;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Processes;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Logs;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Containers;

/// <summary>What containers read and write.</summary>
internal sealed class ContainerStreamEndpoints(DockerDaemon daemon)
{
    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("POST", "/containers/{id}/attach", Attach);
        routes.Map("GET", "/containers/{id}/attach/ws", AttachWebSocket);
        routes.Map("GET", "/containers/{id}/logs", Logs);
        routes.Map("GET", "/containers/{id}/stats", Stats);
    }

    private async Task Attach(Exchange x)
    {
        var options = AttachOptionsOf(x);
        var stream = daemon.Engine.Containers.Attach(x.Route("id"), options);
        await using (stream.ConfigureAwait(false))
            await x.HijackAsync(stream.Raw, (input, output) => stream.PumpAsync(options.Stdin && options.Stream ? input : null, output, daemon.Stopping, x.GoneAsync)).ConfigureAwait(false);
    }

    private async Task AttachWebSocket(Exchange x)
    {
        var options = AttachOptionsOf(x);
        if (!ApiVersionShims.ChoosesWebSocketStreams(x.Version))
            options = options with { Stdin = true, Stdout = true, Stderr = true };
        var stream = daemon.Engine.Containers.Attach(x.Route("id"), options);
        await using (stream.ConfigureAwait(false))
        {
            await x.WebSocketAsync(framed: !stream.Raw, (input, output, gone) => PumpAsync(stream, options.Stdin && options.Stream, input, output, gone)).ConfigureAwait(false);
        }
    }

    // Somebody must read what the client sends, if only to see that it closes.
    private async Task PumpAsync(ContainerStream stream, bool stdin, Stream input, Stream output, CancellationToken gone)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(gone, daemon.Stopping);
        var unread = stdin ? Task.CompletedTask : input.CopyToAsync(Stream.Null, end.Token);
        await stream.PumpAsync(stdin ? input : null, output, end.Token).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await unread.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private AttachOptions AttachOptionsOf(Exchange x)
    {
        var id = x.Route("id");
        if (daemon.Engine.Containers.Get(id).State is ContainerState.Paused)
            throw new EngineException(ErrorKind.Conflict, $"container {id} is paused, unpause the container before attach");
        return new AttachOptions
        {
            Stdin = x.Flag("stdin"),
            Stdout = x.Flag("stdout"),
            Stderr = x.Flag("stderr"),
            Stream = x.Flag("stream"),
            Logs = x.Flag("logs"),
            DetachKeys = x.Query("detachKeys"),
        };
    }

    private async Task Logs(Exchange x)
    {
        var container = daemon.Engine.Containers.Get(x.Route("id"));
        var options = new LogOptions
        {
            Stdout = x.Flag("stdout"),
            Stderr = x.Flag("stderr"),
            Since = x.Moment("since"),
            Until = x.Moment("until"),
            Tail = Tail(x.Query("tail")),
            Follow = x.Flag("follow"),
        };
        if (!options.Stdout && !options.Stderr)
            throw new EngineException(ErrorKind.InvalidArgument, "Bad parameters: you must choose at least one stream");

        using var end = CancellationTokenSource.CreateLinkedTokenSource(x.Aborted, daemon.Stopping);
        var entries = daemon.Engine.Containers.LogsAsync(container.Id, options, end.Token).GetAsyncEnumerator(end.Token);
        await using (entries.ConfigureAwait(false))
        {
            // A log that cannot be read answers with a status, so the first entry is waited for unless it may take for ever.
            var next = entries.MoveNextAsync();
            if (!options.Follow && !next.IsCompleted)
                next = new ValueTask<bool>(await next.ConfigureAwait(false));
            if (next.IsFaulted)
                await next.ConfigureAwait(false);
            await x.StartStreamAsync(ApiVersionShims.StreamMediaType(x.Version, container.Spec.Tty)).ConfigureAwait(false);
            var writer = new LogWriter(x.Http.Response.BodyWriter, framed: !container.Spec.Tty, timestamps: x.Flag("timestamps"), details: x.Flag("details"));
            try
            {
                while (true)
                {
                    if (!next.IsCompleted)
                        await writer.FlushAsync(x.Aborted).ConfigureAwait(false);
                    if (!await next.ConfigureAwait(false))
                        break;
                    await writer.WriteAsync(entries.Current, x.Aborted).ConfigureAwait(false);
                    next = entries.MoveNextAsync();
                }

                await writer.FlushAsync(x.Aborted).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The client went away or the daemon stops: the stream just ends.
            }
        }
    }

    private async Task Stats(Exchange x)
    {
        var container = daemon.Engine.Containers.Get(x.Route("id"));
        var stream = x.Flag("stream", whenAbsent: true);
        // A single answer needs two samples, unless only counters are wanted: a load is a difference.
        var samples = stream || (!x.Flag("one-shot") && container.IsRunning);
        TimeSpan? interval = stream ? ContainerOperations.StatsInterval : samples ? ContainerOperations.ShortStatsInterval : null;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(x.Aborted, daemon.Stopping);
        ContainerStats? before = null;
        if (stream)
            await x.StartStreamAsync("application/json").ConfigureAwait(false);
        try
        {
            await foreach (var sample in daemon.Engine.Containers.StatsAsync(container.Id, interval, end.Token).ConfigureAwait(false))
            {
                if (stream)
                {
                    await x.WriteLineAsync(StatsMapper.ToResponse(container, sample, before), DockerApiJson.Wire.StatsResponse).ConfigureAwait(false);
                }
                else if (before is not null || !samples)
                {
                    await x.WriteJsonAsync(200, StatsMapper.ToResponse(container, sample, before), DockerApiJson.Wire.StatsResponse).ConfigureAwait(false);
                    return;
                }

                before = sample;
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The client went away or the daemon stops: the stream just ends.
        }
    }

    private static long? Tail(string? text)
    {
        if (text is null or "all")
            return null;
        // As Docker: what is not a number means all.
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var lines) && lines >= 0 ? lines : null;
    }
}
