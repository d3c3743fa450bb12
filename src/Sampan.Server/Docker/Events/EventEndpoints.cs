using Microsoft.AspNetCore.Http;
using Sampan.DockerApi;
using Sampan.Engine;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Events;

/// <summary>What happens, as it happens.</summary>
internal sealed class EventEndpoints(DockerDaemon daemon)
{
    /// <summary>Adds the endpoint.</summary>
    internal void Map(RouteTable routes) => routes.Map("GET", "/events", Follow);

    private const string Sequence = "application/json-seq";

    // Docker's plain JSON unless one of the three forms of a stream is preferred by name (since 1.52).
    private static string MediaType(Exchange x)
    {
        foreach (var wanted in x.Http.Request.GetTypedHeaders().Accept.Where(accepted => accepted.Quality is not 0).OrderByDescending(accepted => accepted.Quality ?? 1))
        {
            if (wanted.MediaType.Value is "application/jsonl" or "application/x-ndjson" or Sequence)
                return wanted.MediaType.Value;
        }

        return "application/json";
    }

    private async Task Follow(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "config", "container", "daemon", "event", "image", "label", "network", "node", "plugin", "scope", "secret", "service", "type", "volume");
        var (since, until) = (x.Moment("since"), x.Moment("until"));
        if (since > until)
            throw new EngineException(ErrorKind.InvalidArgument, $"`since` time ({x.Query("since")}) cannot be after `until` time ({x.Query("until")})");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(x.Aborted, daemon.Stopping);
        var events = daemon.Engine.Events.SubscribeAsync(since, until, end.Token).GetAsyncEnumerator(end.Token);
        await using (events.ConfigureAwait(false))
        {
            // The subscription begins with the first move, so that nothing between it and the head is lost.
            var next = events.MoveNextAsync();
            var mediaType = MediaType(x);
            var sequence = mediaType == Sequence;
            var images = ApiVersionShims.TellsImageCreation(x.Version);
            await x.StartStreamAsync(mediaType).ConfigureAwait(false);
            try
            {
                while (await next.ConfigureAwait(false))
                {
                    if (EventFilter.Matches(filters, events.Current) && (images || events.Current is not { Type: "image", Action: "create" }))
                        await x.WriteLineAsync(EventMapper.ToMessage(events.Current), DockerApiJson.Wire.EventMessage, Shape.Event, sequence).ConfigureAwait(false);
                    next = events.MoveNextAsync();
                }
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The client went away or the daemon stops: the stream just ends.
            }
        }
    }
}
