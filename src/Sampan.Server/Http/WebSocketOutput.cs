using System.Buffers.Binary;
using System.Net.WebSockets;
using Sampan.DockerApi.Streams;

namespace Sampan.Server.Http;

/// <summary>What goes to the client over a web socket: a message for each write, or for what a write holds of each of Docker's frames.</summary>
/// <param name="socket">The connection.</param>
/// <param name="kind">Text or binary.</param>
/// <param name="framed">What is written comes in frames: their heads are left out, web sockets do not tell streams apart.</param>
internal sealed class WebSocketOutput(WebSocket socket, WebSocketMessageType kind, bool framed) : OneWayStream
{
    private readonly byte[] _head = new byte[StreamFraming.HeaderLength];
    private int _headBytes;
    private uint _left;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!framed)
        {
            await SendAsync(buffer, cancellationToken).ConfigureAwait(false);
            return;
        }

        while (!buffer.IsEmpty)
        {
            if (_left == 0)
            {
                buffer = TakeHead(buffer);
                continue;
            }

            var part = buffer[..(int)Math.Min(_left, (uint)buffer.Length)];
            _left -= (uint)part.Length;
            buffer = buffer[part.Length..];
            await SendAsync(part, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private ReadOnlyMemory<byte> TakeHead(ReadOnlyMemory<byte> buffer)
    {
        var take = Math.Min(_head.Length - _headBytes, buffer.Length);
        buffer.Span[..take].CopyTo(_head.AsSpan(_headBytes));
        _headBytes += take;
        if (_headBytes == _head.Length)
        {
            // One byte names the stream, three are zero, four hold the length.
            _left = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(4));
            _headBytes = 0;
        }

        return buffer[take..];
    }

    private async Task SendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        try
        {
            await socket.SendAsync(content, kind, endOfMessage: true, cancellation).ConfigureAwait(false);
        }
        catch (WebSocketException broken)
        {
            throw new IOException("the client closed the connection", broken);
        }
    }
}
