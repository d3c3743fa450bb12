using System.Net.Sockets;

namespace Sampan.DockerApi.Client;

/// <summary>A connection to an engine that waits in the kernel, in the calling thread: see <see cref="DockerClient.IsSequential"/>. Its owner disposes it.</summary>
public interface IEngineLine : IDisposable
{
    /// <summary>Waits for bytes; 0: the engine has closed it.</summary>
    /// <exception cref="SocketException">It is lost.</exception>
    int Receive(Span<byte> target);

    /// <summary>Sends all of it.</summary>
    /// <exception cref="SocketException">It is lost.</exception>
    void Send(ReadOnlySpan<byte> bytes);

    /// <summary>The engine reads the end; what it sends still comes.</summary>
    /// <exception cref="SocketException">It is lost.</exception>
    void EndSending();
}
