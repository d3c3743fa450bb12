using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Sampan.Engine;

namespace Sampan.Server.Http;

/// <summary>
/// Takes connections, and minds the process's descriptors: Kestrel's own listener tries again at once when there is none, for as long as there
/// is none, which keeps a processor busy. This one waits a moment; and with few left it takes a client only to tell it so.
/// </summary>
internal sealed class SparingListener : IConnectionListener
{
    private const int Backlog = 512;
    private const int MaxRefusing = 16;
    private const int QuestionSeconds = 15;
    private const int MaxQuestions = 9;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Socket _socket;
    private readonly SocketConnectionContextFactory _connections;
    private readonly Sparing _sparing;
    private readonly OwnedTasks _refusing = new();

    internal SparingListener(Socket bound, SocketConnectionContextFactory connections, Sparing sparing)
    {
        (_socket, _connections, _sparing) = (bound, connections, sparing);
        EndPoint = bound.LocalEndPoint ?? throw new ArgumentException("the socket is not bound", nameof(bound));
        bound.Listen(Backlog);
    }

    /// <inheritdoc/>
    public EndPoint EndPoint { get; }

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var client = await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                // The kernel gives the lowest number that is free.
                if (client.Handle >= _sparing.Room)
                {
                    Refuse(client);
                    continue;
                }

                if (client.LocalEndPoint is IPEndPoint)
                    Attend(client);
                return _connections.Create(client);
            }
            catch (ObjectDisposedException)
            {
                // Unbound before it was asked; below, while it waited.
                return null;
            }
            catch (SocketException closed) when (closed.SocketErrorCode == SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException none) when (none.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
            {
                _sparing.Tell();
                await Task.Delay(s_pause, _sparing.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                // It was reset while it waited to be taken.
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _refusing.WhenAll().ConfigureAwait(false);
    }

    // A client whose machine has gone says nothing more, and to one that waits (attach, events) nothing may be sent for days: only who asks finds it out.
    // As often as Go's servers do, and so dockerd.
    private static void Attend(Socket client)
    {
        client.NoDelay = true;
        client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        client.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, QuestionSeconds);
        client.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, QuestionSeconds);
        client.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, MaxQuestions);
    }

    private void Refuse(Socket client)
    {
        _sparing.Tell();
        if (_sparing.Answer.Length == 0 || _refusing.Count >= MaxRefusing)
        {
            client.Dispose();
            return;
        }

        _refusing.Own(AnswerAsync(client));
    }

    // Only to what it asks, and not before it has said all: an answer too early, or a connection closed on bytes that nobody read, looks like a fault to clients.
    private async Task AnswerAsync(Socket client)
    {
        using var patience = new CancellationTokenSource(s_patience, _sparing.Time);
        using (client)
        {
            var buffer = new byte[4096];
            try
            {
                if (await client.ReceiveAsync(buffer, patience.Token).ConfigureAwait(false) == 0)
                    return;
                await client.SendAsync(_sparing.Answer, patience.Token).ConfigureAwait(false);
                client.Shutdown(SocketShutdown.Send);
                while (await client.ReceiveAsync(buffer, patience.Token).ConfigureAwait(false) > 0)
                {
                    // What it still had to say.
                }
            }
            catch (Exception gone) when (gone is SocketException or OperationCanceledException)
            {
                // It says nothing, or does not want to know.
            }
        }
    }
}
