using Sampan.BuildKit.Grpc;

namespace Sampan.Server.BuildKit;

/// <summary>Builds that run, by their clients' names for them. Thread-safe.</summary>
internal sealed class SolveJobs(TimeProvider time)
{
    // The calls about a build come at the same time as that which begins it.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    // Guards what follows.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TaskCompletionSource<SolveJob>> _coming = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SolveJob> _jobs = new(StringComparer.Ordinal);

    /// <summary>A build begins.</summary>
    /// <exception cref="GrpcException">There is one of that name.</exception>
    internal void Add(SolveJob job)
    {
        lock (_gate)
        {
            if (_jobs.TryGetValue(job.Reference, out var other) && !other.Feed.IsOver)
                throw new GrpcException(GrpcCode.AlreadyExists, $"job ID {job.Reference} exists");
            _jobs[job.Reference] = job;
            if (_coming.Remove(job.Reference, out var coming))
                coming.TrySetResult(job);
        }
    }

    /// <summary>A build is over, and nobody will ask any more what it told.</summary>
    internal void Remove(SolveJob job)
    {
        lock (_gate)
        {
            if (_jobs.TryGetValue(job.Reference, out var there) && there == job)
                _jobs.Remove(job.Reference);
        }
    }

    /// <summary>A build, which may be about to begin.</summary>
    /// <exception cref="GrpcException">It did not.</exception>
    internal async Task<SolveJob> FindAsync(string reference, CancellationToken ct)
    {
        Task<SolveJob> coming;
        lock (_gate)
        {
            if (_jobs.TryGetValue(reference, out var job))
                return job;
            if (!_coming.TryGetValue(reference, out var waited))
                _coming[reference] = waited = new TaskCompletionSource<SolveJob>(TaskCreationOptions.RunContinuationsAsynchronously);
            coming = waited.Task;
        }
        try
        {
            return await coming.WaitAsync(s_patience, time, ct).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (_gate)
                _coming.Remove(reference);
            throw new GrpcException(GrpcCode.NotFound, $"no such job {reference}");
        }
    }
}
