using System.Net.WebSockets;

namespace Sampan.Server.Http;

/// <summary>
/// What the client sends over a web socket, messages one behind the other; its closing is the end. A reader that gives up leaves
/// the receiving alone: cancelling it would abort the connection, and nothing could be closed in order any more.
/// </summary>
/// <param name="socket">The connection.</param>
/// <param name="gone">Cancelled when the client has closed, or its connection broke.</param>
internal sealed class WebSocketInput(WebSocket socket, CancellationTokenSource gone) : OneWayStream
{
    private readonly byte[] _buffer = new byte[8 << 10];
    private Task<ValueWebSocketReceiveResult>? _receiving;
    private ReadOnlyMemory<byte> _received;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A message without content is not the end.
        while (_received.IsEmpty)
        {
            ValueWebSocketReceiveResult message;
            try
            {
                message = await (_receiving ??= Receive()).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (WebSocketException)
            {
                // The client went without a word.
                return await EndAsync().ConfigureAwait(false);
            }

            if (message.MessageType == WebSocketMessageType.Close)
                return await EndAsync().ConfigureAwait(false);
            _receiving = null;
            _received = _buffer.AsMemory(0, message.Count);
        }

        var count = Math.Min(buffer.Length, _received.Length);
        _received[..count].CopyTo(buffer);
        _received = _received[count..];
        return count;
    }

    private Task<ValueWebSocketReceiveResult> Receive()
    {
        var receiving = socket.ReceiveAsync(_buffer.AsMemory(), CancellationToken.None).AsTask();
        // Nobody may be waiting any more when the connection ends.
        _ = receiving.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return receiving;
    }

    private async Task<int> EndAsync()
    {
        await gone.CancelAsync().ConfigureAwait(false);
        return 0;
    }
}
