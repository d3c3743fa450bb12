using System.Text.Json;
using Google.Protobuf;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos.Gateway;
using Sampan.Oci.Images;
using Sampan.Server.Docker;
using Sampan.Server.Docker.Sessions;
using Sampan.Server.Grpc;
using Sampan.Storage.Building;
using Sampan.Storage.Images;

namespace Sampan.Server.BuildKit;

/// <summary>The bridge of the gateway: a client asks for the pieces of its build, which another call of its holds open. A header says which build.</summary>
internal sealed class BridgeService(DockerDaemon daemon, SolveJobs jobs, SolveService solver, Worker worker)
{
    private const string Header = "buildkit-controlapi-buildid";
    private const string ConfigKey = "containerimage.config";
    private const int MaxFile = 8 << 20;

    /// <summary>Adds the methods.</summary>
    internal void Map(GrpcMethods methods) => methods
        .Map(BuildKitServices.Bridge, "Ping", PingRequest.Parser, PingAsync)
        .Map(BuildKitServices.Bridge, "Solve", SolveRequest.Parser, SolveAsync)
        .Map(BuildKitServices.Bridge, "Return", ReturnRequest.Parser, ReturnAsync)
        .Map(BuildKitServices.Bridge, "Evaluate", EvaluateRequest.Parser, EvaluateAsync)
        .Map(BuildKitServices.Bridge, "Inputs", InputsRequest.Parser, InputsAsync)
        .Map(BuildKitServices.Bridge, "Warn", WarnRequest.Parser, WarnAsync)
        .Map(BuildKitServices.Bridge, "ResolveImageConfig", ResolveImageConfigRequest.Parser, ResolveAsync)
        .Map(BuildKitServices.Bridge, "ReadFile", ReadFileRequest.Parser, ReadFileAsync)
        .Map(BuildKitServices.Bridge, "ReadDir", _ => throw Unannounced("ReadDir", "readdir"))
        .Map(BuildKitServices.Bridge, "StatFile", _ => throw Unannounced("StatFile", "statfile"))
        .Map(BuildKitServices.Bridge, "NewContainer", _ => throw new GrpcException(GrpcCode.Unimplemented, "containers in the middle of a build (NewContainer) are not supported by this builder: 'sampan build --shell-on-error' opens a shell in a failed step"));

    private async Task<IMessage> PingAsync(GrpcCall call, PingRequest _)
    {
        await JobAsync(call).ConfigureAwait(false);
        return new PongResponse { FrontendAPICaps = { Capabilities.Bridge }, LLBCaps = { Capabilities.Graphs }, Workers = { worker.Record() } };
    }

    private async Task<IMessage> SolveAsync(GrpcCall call, SolveRequest request)
    {
        var job = await JobAsync(call).ConfigureAwait(false);
        SolveService.Refuse(request.Frontend, request.SourcePolicies.Count > 0);
        if (request.Frontend.Length > 0 && FrontendQuestions.IsOne(request.FrontendOpt))
            return new SolveResponse { Result = await solver.AnswerAsync(job, request.FrontendOpt, call.Cancelled).ConfigureAwait(false) };
        var made = request.Frontend.Length > 0 ? await solver.BuildAsync(job, request.FrontendOpt, request.FrontendInputs, call.Cancelled).ConfigureAwait(false) : Known(job, request.Definition);
        // Without a frontend and a graph nothing is asked for, and nothing is given.
        if (made is null)
            return new SolveResponse { Result = new Result() };
        var result = new Result { Ref = new Ref { Id = made.Reference, Def = made.ImageId is { } id ? ImageGraph.Of(id) : null } };
        if (made.ImageId is not null && daemon.Engine.Steps.Find(made.ImageId, null) is { } image)
            result.Metadata.Add(ConfigKey, ConfigOf(image));
        return new SolveResponse { Result = result };
    }

    private static SolveResult? Known(SolveJob job, Sampan.BuildKit.Protos.Ops.Definition? graph)
    {
        if (graph is not { Def.Count: > 0 })
            return null;
        var known = new SolveResult(Guid.NewGuid().ToString("n"), ImageGraph.Read(graph));
        job.Keep(known);
        return known;
    }

    private async Task<IMessage> ReturnAsync(GrpcCall call, ReturnRequest request)
    {
        var job = await JobAsync(call).ConfigureAwait(false);
        if (request.Error is { Code: not 0 } error)
            job.Fail((GrpcCode)error.Code, error.Message, [.. error.Details]);
        else
            job.Return(request.Result is null ? null : ReferenceIn(request.Result) is { Length: > 0 } reference ? job.Find(reference) : null);
        return new ReturnResponse();
    }

    // What a client holds was built when it got it.
    private async Task<IMessage> EvaluateAsync(GrpcCall call, EvaluateRequest request)
    {
        (await JobAsync(call).ConfigureAwait(false)).Find(request.Ref);
        return new EvaluateResponse();
    }

    // Inputs are graphs: there are none.
    private async Task<IMessage> InputsAsync(GrpcCall call, InputsRequest _)
    {
        await JobAsync(call).ConfigureAwait(false);
        return new InputsResponse();
    }

    private async Task<IMessage> WarnAsync(GrpcCall call, WarnRequest request)
    {
        (await JobAsync(call).ConfigureAwait(false)).Feed.Warn(request);
        return new WarnResponse();
    }

    // An image that is not here is fetched, as a build of it would.
    private async Task<IMessage> ResolveAsync(GrpcCall call, ResolveImageConfigRequest request)
    {
        var job = await JobAsync(call).ConfigureAwait(false);
        if (!ImageReference.TryParse(request.Ref, out var name, out var error))
            throw new GrpcException(GrpcCode.InvalidArgument, $"invalid name '{request.Ref}' of an image: {error}");
        var platform = request.Platform is { OS.Length: > 0 } wanted ? new Platform { Os = wanted.OS, Architecture = wanted.Architecture, Variant = wanted.Variant.Length == 0 ? null : wanted.Variant } : null;
        if (request.ResolveMode == "pull" || daemon.Engine.Steps.Find(request.Ref, platform) is null)
        {
            var login = job.Session is { } session ? await new SessionClient(session).FindLoginAsync(name.Domain, call.Cancelled).ConfigureAwait(false) : null;
            await daemon.Engine.Images.PullAsync(name.Tag is null && name.Digest is null ? name + ":latest" : name.ToString(), platform?.ToString(), login, null, call.Cancelled).ConfigureAwait(false);
        }
        return daemon.Engine.Steps.Find(request.Ref, platform) is { IsStep: false } image ? new ResolveImageConfigResponse { Ref = name.ToString(), Digest = image.Id.ToString(), Config = ConfigOf(image) }
            : throw new GrpcException(GrpcCode.NotFound, $"image '{request.Ref}' is not for {platform?.ToString() ?? "this machine"}");
    }

    private async Task<IMessage> ReadFileAsync(GrpcCall call, ReadFileRequest request)
    {
        var entry = await EntryAsync(call, request.Ref, request.FilePath).ConfigureAwait(false);
        var bytes = entry.ReadAll(MaxFile).AsMemory();
        if (request.Range is { } range)
        {
            bytes = range.Offset < 0 || range.Offset > bytes.Length ? default : bytes[(int)range.Offset..];
            bytes = range.Length > 0 && range.Length < bytes.Length ? bytes[..(int)range.Length] : bytes;
        }
        return new ReadFileResponse { Data = ByteString.CopyFrom(bytes.Span) };
    }

    private async Task<SourceEntry> EntryAsync(GrpcCall call, string reference, string path)
    {
        var made = (await JobAsync(call).ConfigureAwait(false)).Find(reference);
        var image = (made.ImageId is { } id ? daemon.Engine.Steps.Find(id, null) : null) ?? throw new GrpcException(GrpcCode.NotFound, $"result '{reference}' has no image, or it has been removed");
        return daemon.Engine.Steps.Read(image, path, call.Cancelled) ?? throw new GrpcException(GrpcCode.NotFound, $"no such file in result '{reference}': {path}");
    }

    private static ByteString ConfigOf(ImageRecord image) => ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(image.Config, OciImageJson.Plain.ImageConfig));

    private static string ReferenceIn(Result result) => result.ResultCase switch
    {
        Result.ResultOneofCase.Ref => result.Ref.Id,
        Result.ResultOneofCase.RefDeprecated => result.RefDeprecated,
        Result.ResultOneofCase.Refs => result.Refs.Refs.Count <= 1 ? result.Refs.Refs.Values.FirstOrDefault()?.Id ?? "" : throw SeveralPlatforms(),
        Result.ResultOneofCase.RefsDeprecated => result.RefsDeprecated.Refs.Count <= 1 ? result.RefsDeprecated.Refs.Values.FirstOrDefault() ?? "" : throw SeveralPlatforms(),
        _ => "",
    };

    private static GrpcException Unannounced(string method, string capability) => new(GrpcCode.Unimplemented, $"looking around in results ({method}) is not supported by this builder, which does not announce '{capability}': files are read by ReadFile, and 'docker cp' shows what an image has");

    private static GrpcException SeveralPlatforms() => new(GrpcCode.Unimplemented, "a result of several platforms is not supported by this builder");

    private Task<SolveJob> JobAsync(GrpcCall call) => call.Header(Header) is { } build ? jobs.FindAsync(build, call.Cancelled)
        : throw new GrpcException(GrpcCode.InvalidArgument, $"which build is meant? The header '{Header}' is missing");
}
