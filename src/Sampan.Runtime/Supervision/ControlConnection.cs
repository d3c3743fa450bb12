using System.Net.Sockets;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Supervision;

/// <summary>The client's end of a connection to a supervisor: whole messages in and out.</summary>
internal sealed class ControlConnection : IDisposable
{
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly byte[] _header = new byte[ControlHeader.Size];

    internal ControlConnection(Socket socket) => Socket = socket;

    internal Socket Socket { get; }

    /// <summary>Takes an end of a socket pair.</summary>
    internal static ControlConnection Adopt(SafeFd socket) => new(new Socket(new SafeSocketHandle(socket.Release(), ownsHandle: true)));

    /// <summary>Connects to the supervisor of a container; null if there is none.</summary>
    internal static async Task<ControlConnection?> ConnectAsync(string stateDirectory, CancellationToken ct)
    {
        SafeFd directory;
        try
        {
            directory = HostFile.Open(stateDirectory, OpenFlags.Path | OpenFlags.Directory);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.ENOENT)
        {
            return null;
        }
        using (directory)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                // Through the descriptor: the path itself may be longer than the 108 bytes of a Unix address.
                await socket.ConnectAsync(new UnixDomainSocketEndPoint($"{directory.ProcPath}/{Supervisor.SocketName}"), ct).ConfigureAwait(false);
                return new ControlConnection(socket);
            }
            catch (SocketException failure)
            {
                socket.Dispose();
                if (failure.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.ConnectionRefused or SocketError.ConnectionReset
                    || failure.NativeErrorCode is (int)Errno.ENOENT or (int)Errno.ECONNREFUSED)
                    return null;
                throw new RuntimeException("connect", $"cannot connect to the supervisor in '{stateDirectory}': {failure.Message}", failure);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    internal async Task SendAsync(ControlKind kind, uint request, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        if (payload.Length > ControlHeader.MaxPayload)
            throw new RuntimeException("control", $"a request of {payload.Length} bytes is too long");
        var message = ControlHeader.Message(kind, request, payload.Span);
        await _sending.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            // Half a message would spoil the connection: no cancelling in between.
            for (var sent = 0; sent < message.Length;)
                sent += await Socket.SendAsync(message.AsMemory(sent), SocketFlags.None, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // Disposed: the container ended, and its client with it, while this was on its way.
            throw new RuntimeException("control", "the supervisor is gone", failure);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Waits for a message; null at the end.</summary>
    internal async Task<(ControlHeader Header, byte[] Payload)?> ReceiveAsync(CancellationToken ct)
    {
        if (!await FillAsync(_header, ct).ConfigureAwait(false))
            return null;
        if (!ControlHeader.TryRead(_header, out var header))
            throw new RuntimeException("control", "the supervisor says something that is no message");
        var payload = new byte[header.Length];
        return await FillAsync(payload, ct).ConfigureAwait(false) ? (header, payload) : null;
    }

    private async Task<bool> FillAsync(Memory<byte> buffer, CancellationToken ct)
    {
        try
        {
            while (buffer.Length > 0)
            {
                var count = await Socket.ReceiveAsync(buffer, SocketFlags.None, ct).ConfigureAwait(false);
                if (count == 0)
                    return false;
                buffer = buffer[count..];
            }
            return true;
        }
        catch (SocketException)
        {
            return false; // reset: the supervisor was killed
        }
    }

    /// <summary>Waits for the greeting.</summary>
    /// <exception cref="RuntimeException">The container could not be made, or the supervisor is gone.</exception>
    internal async Task<(int Supervisor, int Init, bool Started)> GreetAsync(CancellationToken ct)
    {
        if (await ReceiveAsync(ct).ConfigureAwait(false) is not var (header, payload))
            throw new RuntimeException("launch", "the supervisor ended before it said anything");
        if (header.Kind == ControlKind.Failed)
            throw InitFailure.Decode(payload).ToException();
        return header.Kind == ControlKind.Hello && ControlPayload.TryReadHello(payload, out var hello)
            ? hello
            : throw new RuntimeException("control", $"the supervisor greets with {header.Kind}");
    }

    /// <summary>Closes the socket. The semaphore is left to the collector: a sender may hold it still.</summary>
    public void Dispose() => Socket.Dispose();
}
