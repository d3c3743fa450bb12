using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Sampan.Build;
using Sampan.Build.History;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;
using Sampan.BuildKit.Protos.Control;
using Sampan.Engine;
using Sampan.Server.Docker;
using Sampan.Server.Grpc;

namespace Sampan.Server.BuildKit;

/// <summary>Builds that were, by the ids that <c>sampan build history</c> shows.</summary>
internal sealed class PastBuildService(DockerDaemon daemon)
{
    /// <summary>Adds the methods.</summary>
    internal void Map(GrpcMethods methods) => methods
        .MapStream(BuildKitServices.Control, "ListenBuildHistory", BuildHistoryRequest.Parser, ListenAsync)
        .Map(BuildKitServices.Control, "UpdateBuildHistory", UpdateBuildHistoryRequest.Parser, UpdateAsync);

    // All that is remembered; who does not leave then stays until they do, or the engine stops.
    private async Task ListenAsync(GrpcCall call, BuildHistoryRequest request)
    {
        foreach (var build in Builder.ListBuilds().Where(build => (request.Ref.Length == 0 || build.Id == request.Ref) && (!request.ActiveOnly || build.Completed is null)))
            await call.WriteAsync(new BuildHistoryEvent { Type = build.Completed is null ? BuildHistoryEventType.Started : BuildHistoryEventType.Complete, Record = ToRecord(build) }).ConfigureAwait(false);
        if (!request.EarlyExit)
            throw new GrpcException(GrpcCode.Unimplemented, "following the history is not supported by this builder: ask for what there is (EarlyExit)");
    }

    private Task<IMessage> UpdateAsync(GrpcCall call, UpdateBuildHistoryRequest request)
    {
        if (request.Ref.Length == 0)
            throw new GrpcException(GrpcCode.InvalidArgument, "which build is meant? 'Ref' is missing");
        var build = Builder.FindBuild(request.Ref);
        // The beginning of an id is for people.
        if (build.Id != request.Ref)
            throw new GrpcException(GrpcCode.NotFound, $"no such build: {request.Ref}");
        if (request.Pinned)
            throw new GrpcException(GrpcCode.Unimplemented, "pinning builds in the history is not supported by this builder");
        // A record is whole when its build is over: there is nothing to finalize.
        if (request.Delete && Builder.RemoveBuilds(other => other.Id == build.Id).Count == 0)
            throw new EngineException(ErrorKind.Conflict, $"build {build.Id} runs: it is forgotten when it is over");
        return Task.FromResult<IMessage>(new UpdateBuildHistoryResponse());
    }

    private static BuildHistoryRecord ToRecord(BuildRecord build)
    {
        var steps = build.Steps.Where(step => step.HasFiles).ToList();
        var record = new BuildHistoryRecord
        {
            Ref = build.Id,
            Frontend = SolveService.Dockerfile,
            FrontendAttrs = { ["filename"] = build.Dockerfile },
            CreatedAt = Timestamp.FromDateTimeOffset(build.Created),
            CompletedAt = build.Completed is { } completed ? Timestamp.FromDateTimeOffset(completed) : null,
            Error = build.Error is { } error ? new Status { Code = (int)GrpcCode.Unknown, Message = error } : null,
            NumTotalSteps = steps.Count,
            NumCachedSteps = steps.Count(step => step.Status == BuildStatus.Cached),
            NumCompletedSteps = steps.Count(step => step.Status is BuildStatus.Cached or BuildStatus.Done),
        };
        if (build.Target is { } target)
            record.FrontendAttrs["target"] = target;
        if (build.Remote is { } remote)
            record.FrontendAttrs["context"] = remote;
        if (build.ImageId is { } image)
            record.ExporterResponse["containerimage.digest"] = image;
        return record;
    }

    private Builder Builder => daemon.Builder ?? throw new EngineException(ErrorKind.NotSupported, "building images is not supported by this engine");
}
