using System.IO.Pipelines;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sampan.Server.Docker;

namespace Sampan.Server.Http;

internal sealed partial class Exchange
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_parting = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);

    /// <summary>Set when the connection is no longer HTTP: nothing can be answered any more.</summary>
    internal bool Hijacked { get; private set; }

    /// <summary>The socket that the request came by; null: the transport has none.</summary>
    internal SafeHandle? Connection => Http.Features.Get<IConnectionSocketFeature>()?.Socket.SafeHandle;

    /// <summary>
    /// Takes the connection over: answers <c>101 UPGRADED</c> (or <c>200 OK</c> to clients that did not ask for the upgrade)
    /// and gives the raw bytes of both directions to <paramref name="pump"/>. The client is then told the end, and hung up on when it has closed, or not soon.
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
            async transport =>
            {
                try
                {
                    await pump(transport.Input.AsStream(leaveOpen: true), new SocketOutput(transport.Output)).ConfigureAwait(false);
                }
                finally
                {
                    await PartAsync(ct => EndAsync(transport, ct)).ConfigureAwait(false);
                }
            });
    }

    /// <summary>
    /// Waits until the client has closed its connection. One that closes its half goes on listening, so the end of what it says tells nothing; that nothing
    /// can be sent any more does, and to send nothing is enough to be told so (unix(7): EPIPE; tcp(7): after a reset).
    /// </summary>
    /// <exception cref="OperationCanceledException">Nobody wants to know it any more.</exception>
    internal async Task GoneAsync(CancellationToken ct)
    {
        var socket = Http.Features.Get<IConnectionSocketFeature>()?.Socket;
        using var timer = new PeriodicTimer(s_look);
        while (await timer.WaitForNextTickAsync(ct).ConfigureAwait(false))
        {
            try
            {
                // Never synchronously: behind output that the client does not read it would wait, and keep a thread of the pool for as long.
                if (socket is not null)
                    await socket.SendAsync(ReadOnlyMemory<byte>.Empty, ct).ConfigureAwait(false);
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
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
            using (var patience = new CancellationTokenSource(s_lastWords))
                await SayFarewellAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // A client that does not read cannot be told.
            Http.Abort();
        }
    }

    private Task SayFarewellAsync(CancellationToken ct) => Http.Features.Get<TlsFarewell>()?.SayAsync().WaitAsync(ct) ?? Task.CompletedTask;

    // The kernel resets a connection that is closed on input nobody has read (`yes | docker run -i busybox true`): over TCP that takes with it what
    // is under way, and everywhere the client reports a failure. So the end is told, and what the client still has to say is read until it closes.
    // One that listens does so at once; one that only sends (docker's 20.10: `run -i -a stdin`) learns the end from the reset alone, and one that forgot
    // its connection would keep it for ever.
    private async Task PartAsync(Func<CancellationToken, Task> part)
    {
        using var patience = new CancellationTokenSource(s_parting);
        var stopping = Http.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var asked = stopping.UnsafeRegister(static state => ((CancellationTokenSource)state!).CancelAfter(s_lastWords), patience);
        try
        {
            await part(patience.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or SocketException or WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It went without a word, took too long, or the daemon stops.
        }
    }

    private async Task EndAsync(IDuplexPipe transport, CancellationToken ct)
    {
        await SayFarewellAsync(ct).ConfigureAwait(false);
        Http.Features.Get<IConnectionSocketFeature>()?.Socket.Shutdown(SocketShutdown.Send);
        ReadResult said;
        do
        {
            said = await transport.Input.ReadAsync(ct).ConfigureAwait(false);
            transport.Input.AdvanceTo(said.Buffer.End);
        }
        while (!said.IsCompleted);
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
