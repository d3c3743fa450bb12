using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Sampan.Build;

namespace Sampan.Server.Docker.Images;

/// <summary>
/// What a build told and nobody has sent yet. Telling never waits, for what a build says must not be lost: who has much to say asks for room first.
/// Many tell, one reads.
/// </summary>
internal sealed class MessageQueue : IProgress<BuildMessage>
{
    private const int MaxWaiting = 1024;

    private readonly Channel<BuildMessage> _messages = Channel.CreateUnbounded<BuildMessage>(new UnboundedChannelOptions { SingleReader = true });

    // Guards what follows.
    private readonly Lock _gate = new();
    private int _waiting;
    private TaskCompletionSource? _room;
    private bool _isOver;

    /// <inheritdoc/>
    public void Report(BuildMessage value)
    {
        lock (_gate)
        {
            if (!_isOver && _messages.Writer.TryWrite(value))
                _waiting++;
        }
    }

    /// <summary>Waits while a client that reads slowly has much before it.</summary>
    internal Task RoomAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            if (_isOver || _waiting <= MaxWaiting)
                return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task.WaitAsync(ct);
        }
    }

    /// <summary>Waits until there is something to take.</summary>
    /// <returns>False: there is nothing, and no more will come.</returns>
    internal ValueTask<bool> WaitAsync(CancellationToken ct) => _messages.Reader.WaitToReadAsync(ct);

    /// <summary>Takes what was told first, if there is anything.</summary>
    internal bool TryTake([NotNullWhen(true)] out BuildMessage? message)
    {
        if (!_messages.Reader.TryRead(out message))
            return false;
        lock (_gate)
        {
            if (--_waiting == MaxWaiting)
                MakeRoom();
        }
        return true;
    }

    /// <summary>Nothing more is told; what was can still be taken.</summary>
    internal void Complete() => _messages.Writer.TryComplete();

    /// <summary>Nobody takes any more: nobody needs to wait.</summary>
    internal void Abandon()
    {
        Complete();
        lock (_gate)
        {
            _isOver = true;
            MakeRoom();
        }
    }

    private void MakeRoom()
    {
        _room?.TrySetResult();
        _room = null;
    }
}
