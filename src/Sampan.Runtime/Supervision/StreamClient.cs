using System.Buffers.Binary;
using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Supervision;

/// <summary>
/// A connection that carries standard streams: out come Docker's frames (8 bytes: stream, three zeroes, length big-endian; see
/// <see href="https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach">attach</see>) or, with a terminal, bare bytes; in goes
/// standard input.
/// </summary>
internal sealed class StreamClient : IPollHandler
{
    private const int FrameHeader = 8;
    private readonly EventPoll _poll;
    private readonly SafeFd _socket;
    private readonly ProcessStreams _streams;
    private readonly StreamChoice _choice;
    private readonly bool _closesInput;
    private readonly byte[] _buffer;
    private readonly OutputQueue _queue = new();
    private PollEvents _watched;
    private bool _inputEnded;
    private bool _isEnding;
    private bool _isGone;

    internal StreamClient(EventPoll poll, SafeFd socket, ProcessStreams streams, StreamChoice choice, bool closesInput, byte[] buffer)
    {
        _poll = poll;
        _socket = socket;
        _streams = streams;
        _choice = choice;
        _closesInput = closesInput;
        _buffer = buffer;
        // Without stdin the direction is watched all the same: it tells when the client leaves.
        _watched = PollEvents.Input;
        _poll.Watch(socket, _watched, this);
        streams.Attach(this);
    }

    /// <summary>Bytes that wait for this client.</summary>
    internal int Pending => _queue.Count;

    /// <summary>When the client last took something, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    internal long LastProgress { get; private set; } = Environment.TickCount64;

    /// <summary>Gives output to the client; what it does not take now waits.</summary>
    internal void Send(int stream, ReadOnlySpan<byte> bytes)
    {
        if (_isGone || (_choice & (stream == 2 ? StreamChoice.Stderr : StreamChoice.Stdout)) == 0)
            return;
        if (_queue.Count == 0)
            LastProgress = Environment.TickCount64;
        try
        {
            Pass(stream, bytes);
        }
        catch (LinuxException)
        {
            Leave(); // as in OnReady
        }
    }

    private void Pass(int stream, ReadOnlySpan<byte> bytes)
    {
        if (!_streams.HasTerminal)
        {
            Span<byte> header = stackalloc byte[FrameHeader];
            header.Clear();
            header[0] = (byte)stream;
            BinaryPrimitives.WriteInt32BigEndian(header[4..], bytes.Length);
            _queue.Append(header);
        }
        else if (_queue.Count == 0)
        {
            // A terminal's echo: straight on, without a stop in the queue.
            var count = ByteChannel.Write(_socket, bytes);
            if (count == ByteChannel.Closed)
            {
                Drop();
                return;
            }
            bytes = bytes[Math.Max(0, count)..];
        }
        if (!bytes.IsEmpty)
            _queue.Append(bytes);
        Flush();
    }

    private void Flush()
    {
        while (_queue.Count > 0)
        {
            var count = ByteChannel.Write(_socket, _queue.Front);
            if (count == ByteChannel.WouldBlock)
            {
                Watch(_watched | PollEvents.Output);
                return;
            }
            if (count == ByteChannel.Closed)
            {
                Drop();
                return;
            }
            _queue.Drop(count);
            LastProgress = Environment.TickCount64;
        }
        Watch(_watched & ~PollEvents.Output);
        if (_isEnding)
            Drop();
    }

    /// <inheritdoc/>
    public void OnReady(SafeFd descriptor, PollEvents events)
    {
        try
        {
            Serve(events);
        }
        catch (LinuxException)
        {
            Leave(); // a connection that the kernel complains about ends; the container does not care
        }
    }

    private void Serve(PollEvents events)
    {
        if (events.HasFlag(PollEvents.Output))
        {
            Flush();
            _streams.Release();
        }
        if (!_isGone && events.HasFlag(PollEvents.Input))
            ReadInput();
        if (!_isGone && (events & (PollEvents.Hangup | PollEvents.Error)) != 0 && !events.HasFlag(PollEvents.Input))
            Leave();
    }

    private void ReadInput()
    {
        var count = ByteChannel.Read(_socket, _buffer);
        if (count == ByteChannel.WouldBlock)
            return;
        if (count == 0)
        {
            EndInput();
            // Half closed: only the hangup of the whole connection matters now.
            Watch(_watched & ~PollEvents.Input);
            return;
        }
        if (!_choice.HasFlag(StreamChoice.Stdin) || _streams.Input is not { } input)
            return; // nobody reads it, as with a program that has no input
        input.Write(_buffer.AsSpan(0, count), this);
        if (input.IsFull && !_isGone)
            Watch(_watched & ~PollEvents.Input);
    }

    /// <summary>The process reads its input again.</summary>
    internal void ResumeInput()
    {
        if (!_isGone && !_inputEnded)
            Watch(_watched | PollEvents.Input);
    }

    private void EndInput()
    {
        if (_inputEnded)
            return;
        _inputEnded = true;
        // A terminal has no end of input: its users type Ctrl-D.
        if (_choice.HasFlag(StreamChoice.Stdin) && _closesInput && !_streams.HasTerminal)
            _streams.Input?.CloseWhenEmpty();
    }

    private void Watch(PollEvents events)
    {
        if (_isGone || events == _watched)
            return;
        _watched = events;
        _poll.Watch(_socket, events, this);
    }

    private void Leave()
    {
        EndInput();
        Drop();
    }

    /// <summary>No more output comes: the connection closes when everything was taken.</summary>
    internal void End()
    {
        _isEnding = true;
        try
        {
            Flush();
        }
        catch (LinuxException)
        {
            Drop(); // as in OnReady
        }
    }

    /// <summary>Closes the connection now.</summary>
    internal void Drop()
    {
        if (_isGone)
            return;
        _isGone = true;
        _poll.Forget(_socket);
        _socket.Dispose();
        _queue.Drop(_queue.Count);
        _streams.Detach(this);
    }
}
