using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sampan.Server.Docker;

namespace Sampan.Server.Http;

internal sealed partial class Exchange
{
    /// <summary>Set when the connection is no longer HTTP: nothing can be answered any more.</summary>
    internal bool Hijacked { get; private set; }

    /// <summary>The socket that the request came by; null: the transport has none.</summary>
    internal SafeHandle? Connection => Http.Features.Get<IConnectionSocketFeature>()?.Socket.SafeHandle;

    /// <summary>
    /// Takes the connection over: answers <c>101 UPGRADED</c> (or <c>200 OK</c> to clients that did not ask for the upgrade)
    /// and gives the raw bytes of both directions to <paramref name="pump"/>. The connection is closed afterwards.
    /// </summary>
    /// <param name="raw">True for a terminal's bytes, false for Docker's frames.</param>
    /// <param name="pump">Reads the first and writes the second stream until it is done.</param>
    internal Task HijackAsync(bool raw, Func<Stream, Stream, Task> pump)
    {
        var mediaType = ApiVersionShims.StreamMediaType(Version, raw);
        var upgrade = Http.Request.Headers.Upgrade.Count > 0;
        return TakeOverAsync(
            upgrade ? StatusCodes.Status101SwitchingProtocols : StatusCodes.Status200OK,
            upgrade ? $"HTTP/1.1 101 UPGRADED\r\nContent-Type: {mediaType}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n" : $"HTTP/1.1 200 OK\r\nContent-Type: {mediaType}\r\n",
            transport => pump(transport.Input.AsStream(leaveOpen: true), new SocketOutput(transport.Output)));
    }

    /// <summary>Sends a head of its own and gives the connection away; it is closed afterwards.</summary>
    /// <param name="status">What the head says.</param>
    /// <param name="head">The lines without the standard headers, each with its end.</param>
    /// <param name="talk">What follows.</param>
    internal async Task TakeOverAsync(int status, string head, Func<IDuplexPipe, Task> talk)
    {
        // What the client sends first may come with the head: the body's own length divides them.
        await ReadBodyAsync().ConfigureAwait(false);
        await AuthorizeAnswerAsync(status, default).ConfigureAwait(false);
        Http.Features.GetRequiredFeature<ConnectionLife>().Hijack();
        var transport = Http.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport;
        Hijacked = true;
        try
        {
            await new SocketOutput(transport.Output).WriteAsync(Encoding.ASCII.GetBytes($"{head}{StandardHeaders}\r\n"), CancellationToken.None).ConfigureAwait(false);
            await talk(transport).ConfigureAwait(false);
        }
        finally
        {
            // A flush returns when the bytes are in the socket (see ApiServer), so that aborting now loses nothing.
            await transport.Output.CompleteAsync().ConfigureAwait(false);
            if (Http.Features.Get<TlsFarewell>() is { } farewell)
                await farewell.SayAsync().ConfigureAwait(false);
            Http.Abort();
        }
    }

    private string StandardHeaders
    {
        get
        {
            var text = new StringBuilder();
            foreach (var (name, value) in ApiHeaders.All)
                text.Append(name).Append(": ").Append(value).Append("\r\n");
            return text.ToString();
        }
    }
}
