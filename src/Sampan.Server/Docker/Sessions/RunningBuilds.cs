using Sampan.Engine;

namespace Sampan.Server.Docker.Sessions;

/// <summary>
/// Builds that clients gave a name: by it they are cancelled (<c>POST /build/cancel?id=</c>), and a second request brings the context that the first waits
/// for. Thread-safe.
/// </summary>
internal sealed class RunningBuilds(TimeProvider time)
{
    /// <summary>What the name begins with in the request that brings a context.</summary>
    internal const string Upload = "upload-request:";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    // Guards what follows.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CancellationTokenSource> _builds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Meeting> _meetings = new(StringComparer.Ordinal);

    /// <summary>A build begins; disposed, it is over.</summary>
    /// <param name="id">Its name; null or empty: it has none.</param>
    /// <param name="gone">Cancels it as well.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: another one has that name.</exception>
    internal RunningBuild Begin(string? id, CancellationToken gone)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(gone);
        lock (_gate)
        {
            if (string.IsNullOrEmpty(id) || _builds.TryAdd(id, stop))
                return new RunningBuild(this, id ?? "", stop);
        }
        stop.Dispose();
        throw new EngineException(ErrorKind.Conflict, $"a build '{id}' runs already");
    }

    /// <summary>Cancels a build; one that is not there is over.</summary>
    internal void Cancel(string id)
    {
        lock (_gate)
        {
            // What that ends does so elsewhere, not under the lock.
            if (_builds.TryGetValue(id, out var stop))
                _ = stop.CancelAsync();
        }
    }

    /// <summary>Brings a context; returns when the build has read it, or is over.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>: no such build came for it.</exception>
    internal async Task BringAsync(string id, Stream context, CancellationToken ct)
    {
        var meeting = Meet(id);
        try
        {
            if (!meeting.Context.TrySetResult(context))
                throw new EngineException(ErrorKind.Conflict, $"build '{id}' has a context already");
            await meeting.Taken.Task.WaitAsync(s_patience, time, ct).ConfigureAwait(false);
            await meeting.Read.Task.WaitAsync(ct).ConfigureAwait(false);
        }
        catch (TimeoutException late)
        {
            throw new EngineException(ErrorKind.NotFound, $"no build '{id}' came for the context", late);
        }
        finally
        {
            Part(id, meeting);
        }
    }

    /// <summary>Waits for the context of a build; disposed, it was read.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>: nobody brought it.</exception>
    internal async Task<BroughtContext> TakeAsync(string id, CancellationToken ct)
    {
        var meeting = Meet(id);
        try
        {
            var context = await meeting.Context.Task.WaitAsync(s_patience, time, ct).ConfigureAwait(false);
            meeting.Taken.TrySetResult();
            return new BroughtContext(context, () => meeting.Read.TrySetResult());
        }
        catch (TimeoutException late)
        {
            throw new EngineException(ErrorKind.NotFound, $"the client did not send the context of build '{id}'", late);
        }
        finally
        {
            Part(id, meeting);
        }
    }

    internal void End(string id, CancellationTokenSource stop)
    {
        lock (_gate)
        {
            if (id.Length > 0)
                _builds.Remove(id);
            stop.Dispose();
        }
    }

    private Meeting Meet(string id)
    {
        lock (_gate)
        {
            if (!_meetings.TryGetValue(id, out var meeting))
                _meetings[id] = meeting = new Meeting();
            meeting.Here++;
            return meeting;
        }
    }

    private void Part(string id, Meeting meeting)
    {
        lock (_gate)
        {
            if (--meeting.Here == 0)
                _meetings.Remove(id);
        }
    }

    /// <summary>A build while it runs.</summary>
    internal sealed class RunningBuild(RunningBuilds all, string id, CancellationTokenSource stop) : IDisposable
    {
        /// <summary>Cancelled when somebody cancels it, or its client is gone.</summary>
        internal CancellationToken Stopped { get; } = stop.Token;

        public void Dispose() => all.End(id, stop);
    }

    /// <summary>A context that another request brought.</summary>
    internal sealed class BroughtContext(Stream content, Action read) : IDisposable
    {
        internal Stream Content => content;

        public void Dispose() => read();
    }

    private sealed class Meeting
    {
        internal TaskCompletionSource<Stream> Context { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource Taken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource Read { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal int Here { get; set; }
    }
}
