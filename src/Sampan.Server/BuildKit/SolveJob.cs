using Google.Protobuf.WellKnownTypes;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos.Control;
using Sampan.BuildKit.Sessions;
using Sampan.Server.Grpc;

namespace Sampan.Server.BuildKit;

/// <summary>A build while its client's call lasts. Thread-safe.</summary>
internal sealed class SolveJob(string reference, SolveRequest request, ClientSession? session, StatusFeed feed, ConnectionEnds ends, CancellationToken stopped)
{
    private readonly TaskCompletionSource<SolveResult?> _returned = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guards what follows.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SolveResult> _results = new(StringComparer.Ordinal);

    /// <summary>The client's name for it.</summary>
    internal string Reference { get; } = reference;

    /// <summary>What it is asked for.</summary>
    internal SolveRequest Request { get; } = request;

    /// <summary>Where the client is asked; null: nowhere.</summary>
    internal ClientSession? Session { get; } = session;

    /// <summary>What it tells.</summary>
    internal StatusFeed Feed { get; } = feed;

    /// <summary>What is done when the client's connection is over.</summary>
    internal ConnectionEnds Ends { get; } = ends;

    /// <summary>Cancelled when the client's call is over, or the engine stops.</summary>
    internal CancellationToken Stopped { get; } = stopped;

    /// <summary>What the client said that its build gave; null: nothing.</summary>
    internal Task<SolveResult?> Returned => _returned.Task;

    /// <summary>Keeps a result.</summary>
    internal void Keep(SolveResult result)
    {
        lock (_gate)
            _results.Add(result.Reference, result);
    }

    /// <summary>Something that was given in this build.</summary>
    /// <exception cref="GrpcException">It was not.</exception>
    internal SolveResult Find(string reference)
    {
        lock (_gate)
            return _results.GetValueOrDefault(reference) ?? throw new GrpcException(GrpcCode.NotFound, $"no result '{reference}' in build '{Reference}'");
    }

    /// <summary>The client is done.</summary>
    internal void Return(SolveResult? result) => _returned.TrySetResult(result);

    /// <summary>The client is done, and says that it failed.</summary>
    internal void Fail(GrpcCode code, string message, IReadOnlyList<Any> details) => _returned.TrySetException(new GrpcException(code, message) { Details = details });
}
