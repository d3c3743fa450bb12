using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Sampan.Server.Docker;

namespace Sampan.Server.Http;

internal sealed partial class Exchange
{
    /// <summary>Set when the connection is no longer HTTP: nothing can be answered any more.</summary>
    internal bool Hijacked { get; private set; }

    /// <summary>
    /// Takes the connection over: answers <c>101 UPGRADED</c> (or <c>200 OK</c> to clients that did not ask for the upgrade)
    /// and gives the raw bytes of both directions to <paramref name="pump"/>. The connection is closed afterwards.
    /// </summary>
    /// <param name="raw">True for a terminal's bytes, false for Docker's frames.</param>
    /// <param name="pump">Reads the first and writes the second stream until it is done.</param>
    internal async Task HijackAsync(bool raw, Func<Stream, Stream, Task> pump)
    {
        // What the client sends first may come with the head: the body's own length divides them.
        await ReadBodyAsync().ConfigureAwait(false);
        Http.Features.GetRequiredFeature<ConnectionLife>().Hijack();
        var transport = Http.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport;
        Hijacked = true;

        var mediaType = ApiVersionShims.StreamMediaType(Version, raw);
        var upgrade = Http.Request.Headers.Upgrade.Count > 0;
        var head = upgrade
            ? $"HTTP/1.1 101 UPGRADED\r\nContent-Type: {mediaType}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n{StandardHeaders}\r\n"
            : $"HTTP/1.1 200 OK\r\nContent-Type: {mediaType}\r\n{StandardHeaders}\r\n";
        var input = transport.Input.AsStream(leaveOpen: true);
        var output = new SocketOutput(transport.Output);
        try
        {
            await output.WriteAsync(Encoding.ASCII.GetBytes(head), CancellationToken.None).ConfigureAwait(false);
            await pump(input, output).ConfigureAwait(false);
        }
        finally
        {
            // A flush returns when the bytes are in the socket (see ApiServer), so that aborting now loses nothing.
            await transport.Output.CompleteAsync().ConfigureAwait(false);
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
