using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Sampan.Build;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos.Control;
using Sampan.BuildKit.Protos.Ops;
using Sampan.BuildKit.Sessions;
using Sampan.Engine;
using Sampan.Server.Docker;
using Sampan.Server.Docker.Sessions;
using Sampan.Server.Grpc;

namespace Sampan.Server.BuildKit;

/// <summary>
/// Builds and their progress. A build is a call that lasts as long as it; the client either gives a frontend's attributes with it, or asks for the pieces over
/// the bridge meanwhile and says what it made of them.
/// </summary>
internal sealed partial class SolveService(DockerDaemon daemon, SessionRegistry sessions, SolveJobs jobs)
{
    internal const string Dockerfile = "dockerfile.v0";

    /// <summary>Adds the methods.</summary>
    internal void Map(GrpcMethods methods) => methods
        .Map(BuildKitServices.Control, "Solve", SolveRequest.Parser, SolveAsync)
        .MapStream(BuildKitServices.Control, "Status", StatusRequest.Parser, StatusAsync);

    /// <summary>Runs a Dockerfile's build as a piece of a job.</summary>
    /// <param name="job">Whose.</param>
    /// <param name="attributes">The frontend's attributes.</param>
    /// <param name="inputs">Contexts that earlier builds gave.</param>
    /// <param name="ct">Gives up, as the job's end does.</param>
    internal async Task<SolveResult> BuildAsync(SolveJob job, IReadOnlyDictionary<string, string> attributes, IReadOnlyDictionary<string, Definition> inputs, CancellationToken ct)
    {
        var request = RequestOf(job, attributes, inputs);
        await using var context = request.Context;
        var begun = daemon.Time.GetUtcNow();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct, job.Stopped);
        try
        {
            var image = await Builder.BuildAsync(request, job.Feed, end.Token).ConfigureAwait(false);
            var result = new SolveResult(Guid.NewGuid().ToString("n"), image.Length == 0 ? null : image);
            job.Keep(result);
            // Nobody wants the image, but the client's other builds may stand on it.
            if (result.ImageId is { } made && SolveExport.Read(job.Request).Names is null)
                job.Ends.Add(() => Forget(made, begun));
            return result;
        }
        catch (BuildException failure)
        {
            job.Feed.Fail(failure.Message);
            // Clients put the name of any other code before the reason.
            throw new GrpcException(GrpcCode.Unknown, failure.Excerpt is { } lines ? $"{failure.Message}\n{lines}" : failure.Message, failure);
        }
        catch (OperationCanceledException stopped) when (daemon.Stopping.IsCancellationRequested)
        {
            throw new GrpcException(GrpcCode.Unavailable, "the engine is stopping: run the build again when it is back, steps that are done come from the cache", stopped);
        }
    }

    private BuildRequest RequestOf(SolveJob job, IReadOnlyDictionary<string, string> attributes, IReadOnlyDictionary<string, Definition> inputs)
    {
        try
        {
            var export = SolveExport.Read(job.Request);
            var targets = job.Request.Cache?.Exports.Select(entry => CacheEntries.Target(entry.Type, entry.Attrs)).ToList() ?? [];
            var session = job.Session ?? throw new GrpcException(GrpcCode.InvalidArgument, "a build needs the session of its client");
            var request = FrontendAttributes.ToRequest(attributes, inputs.ToDictionary(input => input.Key, input => ImageGraph.Read(input.Value), StringComparer.Ordinal), daemon.DefaultUlimits);
            return request with
            {
                Client = new SessionClient(session),
                Context = UploadedContext.Id(request.Remote) is { } upload ? new UploadedContext(session, upload) : null,
                Remote = UploadedContext.Id(request.Remote) is null ? request.Remote : null,
                Output = export.Output?.Taker(session, daemon.Engine.Steps),
                Tags = export.Names ?? [],
                Annotations = export.Annotations,
                CacheTargets = [.. targets.OfType<CacheTarget>()],
                HasInlineCache = request.HasInlineCache || targets.Contains(null),
                Entitlements = job.Request.Entitlements.Select(Entitlement).ToHashSet(StringComparer.Ordinal),
                Room = job.Feed.RoomAsync,
            };
        }
        catch (EngineException refused)
        {
            throw new GrpcException(GrpcCode.Unknown, refused.Message, refused);
        }
    }

    /// <summary>Answers a question about a Dockerfile, of which nothing is built.</summary>
    internal async Task<Sampan.BuildKit.Protos.Gateway.Result> AnswerAsync(SolveJob job, IReadOnlyDictionary<string, string> attributes, CancellationToken ct)
    {
        var request = RequestOf(job, attributes, new Dictionary<string, Definition>());
        await using var context = request.Context;
        try
        {
            return await FrontendQuestions.AnswerAsync(attributes, () => Builder.ReadDockerfileAsync(request, job.Feed, ct)).ConfigureAwait(false);
        }
        catch (BuildException failure)
        {
            throw new GrpcException(GrpcCode.Unknown, failure.Excerpt is { } lines ? $"{failure.Message}\n{lines}" : failure.Message, failure);
        }
    }

    /// <summary>Refuses what nobody here understands.</summary>
    internal static void Refuse(string frontend, bool hasPolicy)
    {
        if (hasPolicy)
            throw new GrpcException(GrpcCode.Unimplemented, "source policies are not supported by this builder");
        if (frontend is not ("" or Dockerfile))
            throw new GrpcException(GrpcCode.Unimplemented, $"frontend '{frontend}' is not supported by this builder: it has {Dockerfile} only");
    }

    private async Task<IMessage> SolveAsync(GrpcCall call, SolveRequest request)
    {
        if (request.Ref.Length == 0)
            throw new GrpcException(GrpcCode.InvalidArgument, "a build needs a name ('Ref')");
        Refuse(request.Frontend, request.SourcePolicy is not null);
        var known = request.Definition is { Def.Count: > 0 } graph ? new SolveResult("", ImageGraph.Read(graph)) : null;
        if (known is not null && SolveExport.Read(request) is { Output: not null } or { Names.Count: > 0 })
            throw new GrpcException(GrpcCode.Unimplemented, "outputs and names for what was built before are not supported by this builder: give them to the build itself");
        var session = request.Session.Length == 0 ? null : await SessionAsync(request.Session, call.Cancelled).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled, daemon.Stopping, session?.Ended ?? CancellationToken.None);
        var job = new SolveJob(request.Ref, request, session, new StatusFeed(new BuildTrace(request.Ref, daemon.Time)), call.Ends, end.Token);
        jobs.Add(job);
        try
        {
            var result = known ?? (request.Frontend == Dockerfile ? await BuildAsync(job, request.FrontendAttrs, request.FrontendInputs, end.Token).ConfigureAwait(false) : await job.Returned.WaitAsync(end.Token).ConfigureAwait(false));
            return ToResponse(request, result);
        }
        catch (OperationCanceledException stopped) when (session is { Ended.IsCancellationRequested: true } && !call.Cancelled.IsCancellationRequested)
        {
            throw new GrpcException(GrpcCode.Cancelled, "the client's session is over", stopped);
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            // Whoever asks what a short build told may come after its end.
            job.Feed.End();
            call.Ends.Add(() => jobs.Remove(job));
        }
    }

    private async Task StatusAsync(GrpcCall call, StatusRequest request)
    {
        var job = await jobs.FindAsync(request.Ref, call.Cancelled).ConfigureAwait(false);
        await job.Feed.ReadAsync(call.WriteAsync, call.Cancelled).ConfigureAwait(false);
        jobs.Remove(job);
    }

    private static SolveResponse ToResponse(SolveRequest request, SolveResult? result)
    {
        var response = new SolveResponse();
        if (result?.ImageId is not { } image || SolveExport.Read(request).Names is not { } names)
            return response;
        // As the engine's own exporter of dockerd: an image's id is the digest of its configuration.
        response.ExporterResponse.Add("containerimage.config.digest", image);
        response.ExporterResponse.Add("containerimage.digest", image);
        if (names.Count > 0)
            response.ExporterResponse.Add("image.name", string.Join(',', names.Select(name => name.Tag is null ? name + ":latest" : name.ToString())));
        return response;
    }

    // What was there before, and what got a name or a container meanwhile, stays.
    private void Forget(string image, DateTimeOffset since)
    {
        try
        {
            if (daemon.Engine.Steps.Find(image, null) is { IsDangling: true } found && found.LastTagged >= since && daemon.Engine.Images.ContainersUsing(image) == 0)
                daemon.Engine.Images.Remove(image, force: false, noPrune: true);
        }
        catch (EngineException used)
        {
            Log.NotForgotten(daemon.Logs.CreateLogger("grpc"), image, used.Message);
        }
    }

    private async Task<ClientSession> SessionAsync(string id, CancellationToken ct)
    {
        try
        {
            return await sessions.FindAsync(id, ct).ConfigureAwait(false);
        }
        catch (SessionRefusedException none)
        {
            throw new GrpcException(GrpcCode.NotFound, none.Message, none);
        }
    }

    private static string Entitlement(string text) => text is "network.host" or "security.insecure" or "device" ? text
        : throw new EngineException(ErrorKind.InvalidArgument, $"unknown entitlement '{text}': expected network.host, security.insecure or device");

    private Builder Builder => daemon.Builder ?? throw new EngineException(ErrorKind.NotSupported, "building images is not supported by this engine");

    /// <summary>Event ids 5063 to 5069.</summary>
    private static partial class Log
    {
        [LoggerMessage(5063, LogLevel.Debug, "image {ImageId} of a build that wants none stays: {Reason}")]
        internal static partial void NotForgotten(ILogger log, string imageId, string reason);
    }
}
