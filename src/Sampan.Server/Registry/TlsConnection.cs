using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Sampan.Server.Http;

namespace Sampan.Server.Registry;

/// <summary>Speaks TLS between the transport and Kestrel. Kestrel's own middleware wants the dependency injection that this server has not.</summary>
internal static class TlsConnection
{
    private static readonly TimeSpan s_handshake = TimeSpan.FromSeconds(30);

    // What Go's servers say, which clients repeat to their users.
    private static readonly byte[] s_plain = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"u8.ToArray();

    /// <summary>The middleware for a listening address.</summary>
    /// <param name="options">What the next connection is answered with.</param>
    /// <param name="refused">Is told why a connection did not come about.</param>
    internal static Func<ConnectionDelegate, ConnectionDelegate> Middleware(Func<SslServerAuthenticationOptions> options, Action<string> refused) => Middleware(_ => options(), refused);

    /// <summary>The middleware for a listening address.</summary>
    /// <param name="options">What a client is answered with that asks for this name; null: for none.</param>
    /// <param name="refused">Is told why a connection did not come about.</param>
    internal static Func<ConnectionDelegate, ConnectionDelegate> Middleware(Func<string?, SslServerAuthenticationOptions> options, Action<string> refused) => next => async connection =>
    {
        var plain = connection.Transport;
        await using var stream = new SslStream(new DuplexPipeStream(plain));
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
            patience.CancelAfter(s_handshake);
            if (await SpeaksPlainlyAsync(plain.Input, patience.Token).ConfigureAwait(false))
            {
                await plain.Output.WriteAsync(s_plain, patience.Token).ConfigureAwait(false);
                refused("the client does not speak TLS");
                return;
            }

            await stream.AuthenticateAsServerAsync((_, hello, _, _) => ValueTask.FromResult(options(hello.ServerName)), null, patience.Token).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            refused(failed.Message);
            return;
        }
        var pipe = new SecretPipe(PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
        connection.Transport = pipe;
        connection.Features.Set(new TlsFarewell(() => EndAsync(stream)));
        connection.Features.Set<ITlsConnectionFeature>(new PeerCertificate(stream.RemoteCertificate as X509Certificate2));
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            await pipe.Input.CompleteAsync().ConfigureAwait(false);
            await pipe.Output.CompleteAsync().ConfigureAwait(false);
            connection.Transport = plain;
            await EndAsync(stream).ConfigureAwait(false);
        }
    };

    // A method of HTTP begins with a letter, a handshake with 22. Nothing is taken from what the handshake will read.
    private static async ValueTask<bool> SpeaksPlainlyAsync(PipeReader input, CancellationToken ct)
    {
        var first = await input.ReadAsync(ct).ConfigureAwait(false);
        var speaks = !first.Buffer.IsEmpty && char.IsAsciiLetterUpper((char)first.Buffer.FirstSpan[0]);
        input.AdvanceTo(first.Buffer.Start);
        return speaks;
    }

    // Tells the other side that this is the end, and no attacker's cut.
    private static async Task EndAsync(SslStream stream)
    {
        try
        {
            await stream.ShutdownAsync().ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or OperationCanceledException)
        {
            // There is nobody to be told.
        }
    }

    private sealed record SecretPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
