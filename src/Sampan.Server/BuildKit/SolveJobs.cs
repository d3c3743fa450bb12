using Sampan.BuildKit.Grpc;

namespace Sampan.Server.BuildKit;

/// <summary>Builds that run, by their clients' names for them. Thread-safe.</summary>
internal sealed class SolveJobs(TimeProvider time)
{
    // The calls about a build come at the same time as that which begins it.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    // Guards what follows.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Coming> _coming = new(StringComparer.Ordinal);
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
                coming.Job.TrySetResult(job);
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
        Coming? coming;
        lock (_gate)
        {
            if (_jobs.TryGetValue(reference, out var job))
                return job;
            if (!_coming.TryGetValue(reference, out coming))
                _coming[reference] = coming = new Coming();
            coming.Waiting++;
        }
        try
        {
            return await coming.Job.Task.WaitAsync(s_patience, time, ct).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new GrpcException(GrpcCode.NotFound, $"no such job {reference}");
        }
        finally
        {
            lock (_gate)
            {
                if (--coming.Waiting == 0 && _coming.GetValueOrDefault(reference) == coming)
                    _coming.Remove(reference);
            }
        }
    }

    /// <summary>How many builds are waited for that did not begin yet.</summary>
    internal int Awaited
    {
        get
        {
            lock (_gate)
                return _coming.Count;
        }
    }

    private sealed class Coming
    {
        internal TaskCompletionSource<SolveJob> Job { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal int Waiting { get; set; }
    }
}
