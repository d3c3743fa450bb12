using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Network.Dns;

/// <summary>
/// The thread on which the datagrams of all containers' resolvers are heard, and answered if they ask for containers: a question wakes it and
/// nobody else. It begins with the first of them. Any thread may add and remove.
/// </summary>
internal sealed class QuestionThread : IPollHandler, IDisposable
{
    private static readonly byte[] s_ring = [1];
    private readonly Action<string> _trouble;
    private readonly SafeFd _bell;
    private readonly SafeFd _rope;

    private readonly Lock _gate = new();
    private readonly Queue<Action<EventPoll>> _changes = new();
    private Thread? _thread;
    private bool _isEnding;

    /// <summary>Makes it; there is no thread yet.</summary>
    /// <param name="trouble">Is told what nobody asked for; on the thread.</param>
    internal QuestionThread(Action<string> trouble)
    {
        _trouble = trouble;
        (_bell, _rope) = ByteChannel.Pipe();
        ByteChannel.SetNonBlocking(_bell);
    }

    /// <summary>Begins to listen to a socket.</summary>
    /// <exception cref="LinuxException">EAGAIN: it is the first, and there is no thread to be had.</exception>
    internal void Add(SafeFd socket, IPollHandler server) => TryChange(poll => poll.Watch(socket, PollEvents.Input, server));

    /// <summary>Completes when the socket is listened to no more and may be closed.</summary>
    internal Task RemoveAsync(SafeFd socket)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = TryChange(poll =>
        {
            try
            {
                poll.Forget(socket);
            }
            finally
            {
                done.SetResult();
            }
        });
        return asked ? done.Task : Task.CompletedTask;
    }

    /// <summary>Does what was asked before, then ends.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            if (_isEnding)
                return;
            _isEnding = true;
            thread = _thread;
            if (thread is not null)
                _ = ByteChannel.Write(_rope, s_ring);
        }

        thread?.Join();
        _bell.Dispose();
        _rope.Dispose();
    }

    void IPollHandler.OnReady(SafeFd descriptor, PollEvents events)
    {
        Span<byte> rings = stackalloc byte[64];
        _ = ByteChannel.Read(_bell, rings);
    }

    private bool TryChange(Action<EventPoll> change)
    {
        lock (_gate)
        {
            if (_isEnding)
                return false;
            _thread ??= OwnThread.Start("names", Run);
            _changes.Enqueue(change);
            _ = ByteChannel.Write(_rope, s_ring);
            return true;
        }
    }

    private void Run()
    {
        using var poll = new EventPoll();
        poll.Watch(_bell, PollEvents.Input, this);
        while (Change(poll))
        {
            try
            {
                poll.Wait(-1);
            }
            catch (Exception failure) when (failure is not LinuxException)
            {
                // One question: those of others are answered nevertheless.
                _trouble($"a question for a name could not be answered: {failure}");
            }
        }
    }

    /// <summary>Does what is asked of the poll; false: it is the end.</summary>
    private bool Change(EventPoll poll)
    {
        while (true)
        {
            Action<EventPoll>? change;
            lock (_gate)
            {
                if (!_changes.TryDequeue(out change))
                    return !_isEnding;
            }

            try
            {
                change(poll);
            }
            catch (LinuxException refused)
            {
                _trouble($"a container's questions for names are not heard: {refused.Message}");
            }
        }
    }
}
