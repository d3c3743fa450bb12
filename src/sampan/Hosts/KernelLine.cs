using System.Net.Sockets;
using Sampan.DockerApi.Client;
using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Cli.Hosts;

/// <summary>A line to an engine's Unix socket without the framework's sockets and their thread.</summary>
internal sealed class KernelLine : IEngineLine
{
    private readonly StreamSocket _socket;

    private KernelLine(StreamSocket socket) => _socket = socket;

    /// <summary>Connects; null: it does not work, and who tries otherwise says why.</summary>
    public static IEngineLine? To(string path)
    {
        try
        {
            return new KernelLine(StreamSocket.Connect(path));
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public int Receive(Span<byte> target)
    {
        try
        {
            return _socket.Receive(target);
        }
        catch (LinuxException)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _socket.Send(bytes);
        }
        catch (LinuxException)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    /// <inheritdoc/>
    public void EndSending()
    {
        try
        {
            _socket.EndSending();
        }
        catch (LinuxException)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
