using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sampan.Engine;
using Sampan.Server.Docker;
using Sampan.Server.Registry;

namespace Sampan.Server.Http;

internal sealed partial class Exchange
{
    private const string WebSocketIdentity = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Makes the connection a web socket (RFC 6455). What the client sends is the first stream; what is written to the second
    /// goes out as messages, binary ones since version 1.28. A client that closes cancels the token.
    /// </summary>
    /// <param name="framed">What is written comes in Docker's frames; only their content is sent.</param>
    /// <param name="pump">Reads and writes until it is done.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: the request is no opening handshake.</exception>
    internal Task WebSocketAsync(bool framed, Func<Stream, Stream, CancellationToken, Task> pump)
    {
        var headers = Http.Request.Headers;
        if (!headers.Upgrade.Any(value => string.Equals(value, "websocket", StringComparison.OrdinalIgnoreCase)))
            throw new EngineException(ErrorKind.InvalidArgument, "not websocket protocol: the request asks for no upgrade to 'websocket'");
        if (headers.SecWebSocketVersion != "13")
            throw new EngineException(ErrorKind.InvalidArgument, $"web socket version '{headers.SecWebSocketVersion}' is not supported: use 13");
        var key = headers.SecWebSocketKey.ToString();
        if (!Convert.TryFromBase64String(key, new byte[16], out var length) || length != 16)
            throw new EngineException(ErrorKind.InvalidArgument, "challenge response: 'Sec-WebSocket-Key' must be 16 bytes in base64");

        // The protocol's own choice: it proves that the request was read, nothing is protected by it.
#pragma warning disable CA5350
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + WebSocketIdentity)));
#pragma warning restore CA5350
        var head = $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n";
        var kind = ApiVersionShims.SendsBinaryFrames(Version) ? WebSocketMessageType.Binary : WebSocketMessageType.Text;
        return TakeOverAsync(StatusCodes.Status101SwitchingProtocols, head, async transport =>
        {
            var stream = new DuplexPipeStream(transport);
            await using (stream.ConfigureAwait(false))
            {
                using var socket = WebSocket.CreateFromStream(stream, isServer: true, subProtocol: null, s_keepAlive);
                using var gone = new CancellationTokenSource();
                var input = new WebSocketInput(socket, gone);
                await pump(input, new WebSocketOutput(socket, kind, framed), gone.Token).ConfigureAwait(false);
                await PartAsync(ct => CloseAsync(socket, input, ct)).ConfigureAwait(false);
            }
        });
    }

    // Both sides close (RFC 6455, section 7.1.1). One that does not read cannot even be told: what is before the word keeps it waiting.
    private static async Task CloseAsync(WebSocket socket, Stream input, CancellationToken ct)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ct).WaitAsync(ct).ConfigureAwait(false);
        await input.CopyToAsync(Stream.Null, ct).ConfigureAwait(false);
    }
}
