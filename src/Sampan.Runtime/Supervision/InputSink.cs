using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Supervision;

/// <summary>The way to a process's standard input: takes bytes as fast as the process reads them, and makes the writing client wait otherwise.</summary>
internal sealed class InputSink(EventPoll poll, SafeFd descriptor) : IPollHandler
{
    private readonly OutputQueue _queue = new();
    private StreamClient? _waiting;
    private bool _closeWhenEmpty;
    private bool _isClosed;

    /// <summary>True if a client must wait until <see cref="StreamClient.ResumeInput"/>.</summary>
    internal bool IsFull => _queue.Count > 0;

    internal bool IsClosed => _isClosed || _closeWhenEmpty;

    /// <summary>Takes bytes from a client. If the process does not read, the client is told when to go on.</summary>
    internal void Write(ReadOnlySpan<byte> bytes, StreamClient from)
    {
        if (IsClosed)
            return; // as a write to a program that has closed its input: lost
        if (_queue.Count == 0)
        {
            var count = ByteChannel.Write(descriptor, bytes);
            if (count == ByteChannel.Closed)
            {
                Close();
                return;
            }
            bytes = bytes[Math.Max(0, count)..];
        }
        if (bytes.IsEmpty)
            return;
        _queue.Append(bytes);
        _waiting = from;
        poll.Watch(descriptor, PollEvents.Output, this);
    }

    /// <inheritdoc/>
    public void OnReady(SafeFd ready, PollEvents events)
    {
        while (_queue.Count > 0)
        {
            var count = ByteChannel.Write(descriptor, _queue.Front);
            if (count == ByteChannel.WouldBlock)
                return;
            if (count == ByteChannel.Closed)
            {
                Close();
                return;
            }
            _queue.Drop(count);
        }
        poll.Forget(descriptor);
        if (_closeWhenEmpty)
            Close();
        Wake();
    }

    /// <summary>Closes the input after what was taken: the process reads the end.</summary>
    internal void CloseWhenEmpty()
    {
        _closeWhenEmpty = true;
        if (_queue.Count == 0)
            Close();
    }

    /// <summary>Closes the input now.</summary>
    internal void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        poll.Forget(descriptor);
        descriptor.Dispose();
        _queue.Drop(_queue.Count);
        Wake();
    }

    private void Wake()
    {
        var waiting = _waiting;
        _waiting = null;
        waiting?.ResumeInput();
    }
}
