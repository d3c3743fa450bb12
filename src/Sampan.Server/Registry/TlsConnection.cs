using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;

namespace Sampan.Server.Registry;

/// <summary>Speaks TLS between the transport and Kestrel. Kestrel's own middleware wants the dependency injection that this server has not.</summary>
internal static class TlsConnection
{
    private static readonly TimeSpan s_handshake = TimeSpan.FromSeconds(30);

    /// <summary>The middleware for a listening address.</summary>
    internal static Func<ConnectionDelegate, ConnectionDelegate> Middleware(TlsCertificate certificate, RegistryLog log) => next => async connection =>
    {
        var plain = connection.Transport;
        await using var stream = new SslStream(new DuplexPipeStream(plain));
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
            patience.CancelAfter(s_handshake);
            await stream.AuthenticateAsServerAsync(certificate.Current(), patience.Token).ConfigureAwait(false);
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            log.NoHandshake(refused.Message);
            return;
        }
        var pipe = new SecretPipe(PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true)), PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)));
        connection.Transport = pipe;
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
