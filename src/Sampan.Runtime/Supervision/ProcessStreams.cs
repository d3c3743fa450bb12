using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Supervision;

/// <summary>
/// The standard streams of one process, between the process on one side and the log and attached clients on the other.
/// </summary>
/// <remarks>
/// A client that reads slowly slows the process, as a terminal does: nothing is lost while it reads at all. One that takes nothing for
/// <see cref="StallLimit"/> is cut off, so that it cannot hold the container and its log for ever.
/// </remarks>
internal sealed class ProcessStreams : IPollHandler, IDisposable
{
    /// <summary>Bytes that may wait for one client before the process is made to wait.</summary>
    internal const int QueueLimit = 256 * 1024;

    /// <summary>How long a client may take nothing while the process waits for it.</summary>
    internal static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(60);

    private readonly EventPoll _poll;
    private readonly JsonLogWriter? _log;
    private readonly byte[] _buffer;
    private readonly List<StreamClient> _clients = [];
    private readonly SafeFd?[] _outputs = new SafeFd?[3];
    private bool _isHeld;
    private bool _isEnding;

    internal ProcessStreams(EventPoll poll, JsonLogWriter? log, byte[] buffer, bool hasTerminal)
    {
        _poll = poll;
        _log = log;
        _buffer = buffer;
        HasTerminal = hasTerminal;
    }

    /// <summary>True if the process has a terminal: one stream, not framed.</summary>
    internal bool HasTerminal { get; }

    /// <summary>The way to standard input; null if nobody may write there.</summary>
    internal InputSink? Input { get; private set; }

    /// <summary>The terminal's master, or null.</summary>
    internal SafeFd? Console { get; private set; }

    internal int ClientCount => _clients.Count;

    /// <summary>Makes the pipes of a process without terminal, and keeps our ends.</summary>
    /// <returns>The process's ends; the caller closes them after the clone.</returns>
    internal SafeFd?[] MakePipes(bool stdin, bool stdout, bool stderr)
    {
        var theirs = new SafeFd?[3];
        try
        {
            if (stdin)
            {
                (theirs[0], var writer) = ByteChannel.Pipe();
                Input = new InputSink(_poll, writer);
                ByteChannel.SetNonBlocking(writer);
            }
            if (stdout)
                MakeOutput(1, theirs);
            if (stderr)
                MakeOutput(2, theirs);
            return theirs;
        }
        catch
        {
            // Ours go with this.
            foreach (var end in theirs)
                end?.Dispose();
            throw;
        }
    }

    private void MakeOutput(int stream, SafeFd?[] theirs)
    {
        (var reader, theirs[stream]) = ByteChannel.Pipe();
        _outputs[stream] = reader;
        ByteChannel.SetNonBlocking(reader);
        _poll.Watch(reader, PollEvents.Input, this);
    }

    /// <summary>Takes the master of the process's terminal over.</summary>
    internal void TakeConsole(SafeFd master)
    {
        ByteChannel.SetNonBlocking(master);
        Console = master;
        // A second number for the same terminal: each number can be watched for one thing.
        Input = new InputSink(_poll, ByteChannel.Duplicate(master));
        _outputs[1] = ByteChannel.Duplicate(master);
        _poll.Watch(_outputs[1]!, PollEvents.Input, this);
    }

    /// <summary>Adds a client; from now on it gets what the process writes.</summary>
    internal void Attach(StreamClient client) => _clients.Add(client);

    /// <summary>A client has left.</summary>
    internal void Detach(StreamClient client)
    {
        _clients.Remove(client);
        Release();
    }

    /// <inheritdoc/>
    public void OnReady(SafeFd descriptor, PollEvents events)
    {
        var stream = ReferenceEquals(descriptor, _outputs[2]) ? 2 : 1;
        PumpOnce(stream, descriptor);
    }

    /// <returns>False if nothing more is there now.</returns>
    private bool PumpOnce(int stream, SafeFd output)
    {
        var count = ByteChannel.Read(output, _buffer);
        if (count == ByteChannel.WouldBlock)
            return false;
        if (count == 0)
        {
            Close(stream);
            return false;
        }
        var bytes = _buffer.AsSpan(0, count);
        _log?.Write(stream, bytes);
        for (var i = _clients.Count - 1; i >= 0; i--)
            _clients[i].Send(stream, bytes);
        if (!_isEnding && !_isHeld && _clients.Exists(client => client.Pending > QueueLimit))
            Hold();
        return true;
    }

    private void Close(int stream)
    {
        if (_outputs[stream] is not { } output)
            return;
        _poll.Forget(output);
        output.Dispose();
        _outputs[stream] = null;
    }

    private void Hold()
    {
        _isHeld = true;
        foreach (var output in _outputs)
        {
            if (output is not null)
                _poll.Forget(output);
        }
    }

    /// <summary>Reads on if no client is too far behind any more.</summary>
    internal void Release()
    {
        if (!_isHeld || _clients.Exists(client => client.Pending > QueueLimit / 2))
            return;
        _isHeld = false;
        foreach (var output in _outputs)
        {
            if (output is not null)
                _poll.Watch(output, PollEvents.Input, this);
        }
    }

    /// <summary>Cuts off clients that have taken nothing for too long.</summary>
    /// <returns>Milliseconds until the next look, or -1 if there is nothing to wait for.</returns>
    internal int CutStalled(long now)
    {
        var limit = (long)StallLimit.TotalMilliseconds;
        var next = -1L;
        for (var i = _clients.Count - 1; i >= 0; i--)
        {
            if ((!_isHeld && !_isEnding) || _clients[i].Pending == 0)
                continue;
            var left = _clients[i].LastProgress + limit - now;
            if (left <= 0)
                _clients[i].Drop();
            else
                next = next < 0 ? left : Math.Min(next, left);
        }
        return (int)next;
    }

    /// <summary>The process has ended: takes what it left in its pipes, and lets nobody wait for more.</summary>
    internal void Drain()
    {
        _isEnding = true;
        _isHeld = false;
        Input?.Close();
        for (var stream = 1; stream < _outputs.Length; stream++)
        {
            while (_outputs[stream] is { } output && PumpOnce(stream, output))
            {
                // Until the pipe is empty or ends: a few dozen kilobytes, as nobody writes any more.
            }
            Close(stream);
        }
        _log?.Finish();
    }

    /// <summary>Tells the clients that no more comes; each leaves when it has got everything.</summary>
    internal void EndClients()
    {
        for (var i = _clients.Count - 1; i >= 0; i--)
            _clients[i].End();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var stream = 1; stream < _outputs.Length; stream++)
            Close(stream);
        for (var i = _clients.Count - 1; i >= 0; i--)
            _clients[i].Drop();
        Input?.Close();
        Console?.Dispose();
    }
}
