using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Supervision;

/// <summary>A connection that carries messages: takes requests apart, sends answers and events.</summary>
internal sealed class ControlClient : IPollHandler
{
    /// <summary>A client that does not read its answers is cut off, it cannot fill our memory.</summary>
    private const int QueueMax = 1024 * 1024;

    private readonly EventPoll _poll;
    private readonly SafeFd _socket;
    private readonly Supervisor _supervisor;
    private readonly OutputQueue _queue = new();
    private byte[] _received = new byte[512];
    private int _filled;
    private bool _isGone;

    internal ControlClient(EventPoll poll, SafeFd socket, Supervisor supervisor)
    {
        _poll = poll;
        _socket = socket;
        _supervisor = supervisor;
        poll.Watch(socket, PollEvents.Input, this);
    }

    /// <summary>True while messages wait to be taken.</summary>
    internal bool HasUnsent => !_isGone && _queue.Count > 0;

    internal void SendDone(uint request, ReadOnlySpan<byte> payload = default) => Send(ControlKind.Done, request, payload);

    internal void SendFailed(uint request, string step, Exception failure) => Send(ControlKind.Failed, request, InitFailure.From(step, failure).Encode());

    internal void Send(ControlKind kind, uint request, ReadOnlySpan<byte> payload)
    {
        if (_isGone)
            return;
        Span<byte> header = stackalloc byte[ControlHeader.Size];
        new ControlHeader(payload.Length, request, kind).Write(header);
        _queue.Append(header);
        _queue.Append(payload);
        try
        {
            Flush();
        }
        catch (LinuxException)
        {
            Drop(); // as in OnReady
        }
        if (_queue.Count > QueueMax)
            Drop();
    }

    private void Flush()
    {
        while (_queue.Count > 0)
        {
            var count = ByteChannel.Write(_socket, _queue.Front);
            if (count == ByteChannel.WouldBlock)
            {
                _poll.Watch(_socket, PollEvents.Input | PollEvents.Output, this);
                return;
            }
            if (count == ByteChannel.Closed)
            {
                Drop();
                return;
            }
            _queue.Drop(count);
        }
        _poll.Watch(_socket, PollEvents.Input, this);
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
            Drop(); // a connection that the kernel complains about ends; the container does not care
        }
    }

    private void Serve(PollEvents events)
    {
        if (events.HasFlag(PollEvents.Output))
            Flush();
        if (_isGone || (events & (PollEvents.Input | PollEvents.Hangup | PollEvents.Error)) == 0)
            return;
        var count = ByteChannel.Read(_socket, _received.AsSpan(_filled));
        if (count == ByteChannel.WouldBlock)
            return;
        if (count == 0)
        {
            Drop();
            return;
        }
        _filled += count;
        TakeMessages();
    }

    private void TakeMessages()
    {
        while (!_isGone && _filled >= ControlHeader.Size)
        {
            if (!ControlHeader.TryRead(_received, out var header))
            {
                Drop(); // not our language
                return;
            }
            var total = ControlHeader.Size + header.Length;
            if (_filled < total)
            {
                if (_received.Length < total)
                    Array.Resize(ref _received, total);
                return;
            }
            // The payload is copied: the handler may make this connection a stream, and then the buffer is nobody's.
            var payload = _received.AsSpan(ControlHeader.Size, header.Length).ToArray();
            _received.AsSpan(total, _filled - total).CopyTo(_received);
            _filled -= total;
            _supervisor.Handle(this, header, payload);
        }
        if (!_isGone && _filled == _received.Length)
            Array.Resize(ref _received, _received.Length * 2);
    }

    /// <summary>Gives the connection away: it carries bytes from now on. What was announced is sent first.</summary>
    internal SafeFd Hijack()
    {
        _isGone = true;
        _poll.Forget(_socket);
        _supervisor.Left(this);
        return _socket;
    }

    /// <summary>Closes the connection.</summary>
    internal void Drop()
    {
        if (_isGone)
            return;
        _isGone = true;
        _poll.Forget(_socket);
        _socket.Dispose();
        _supervisor.Left(this);
    }
}
