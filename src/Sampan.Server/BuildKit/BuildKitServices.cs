using Google.Protobuf;
using Sampan.BuildKit.Protos;
using Sampan.BuildKit.Protos.Control;
using Sampan.BuildKit.Sessions;
using Sampan.Server.Docker;
using Sampan.Server.Grpc;

namespace Sampan.Server.BuildKit;

/// <summary>BuildKit's services over the builder of the engine. Made when the first client asks.</summary>
internal sealed class BuildKitServices
{
    internal const string Control = "moby.buildkit.v1.Control";
    internal const string Bridge = "moby.buildkit.v1.frontend.LLBBridge";

    /// <param name="daemon">The engine and its builder.</param>
    /// <param name="sessions">Where clients serve what their builds ask them for.</param>
    internal BuildKitServices(DockerDaemon daemon, SessionRegistry sessions)
    {
        var worker = new Worker(daemon);
        var jobs = new SolveJobs(daemon.Time);
        var solver = new SolveService(daemon, sessions, jobs);
        Methods
            .Map(Control, "Info", InfoRequest.Parser, (_, _) => Task.FromResult<IMessage>(new InfoResponse { BuildkitVersion = Worker.Version }))
            .Map(Control, "ListWorkers", ListWorkersRequest.Parser, (_, _) => Task.FromResult<IMessage>(new ListWorkersResponse { Record = { worker.Record() } }))
            .Map("grpc.health.v1.Health", "Check", HealthCheckRequest.Parser, (_, _) => Task.FromResult<IMessage>(new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.Serving }));
        solver.Map(Methods);
        new BridgeService(daemon, jobs, solver, worker).Map(Methods);
        new CacheService(daemon).Map(Methods);
        new PastBuildService(daemon).Map(Methods);
        new SessionService(daemon, sessions).Map(Methods);
    }

    /// <summary>What can be called.</summary>
    internal GrpcMethods Methods { get; } = new();
}
