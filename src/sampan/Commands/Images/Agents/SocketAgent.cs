using System.Net.Sockets;

namespace Sampan.Cli.Commands.Images.Agents;

/// <summary>The user's agent.</summary>
/// <param name="path">Its socket.</param>
internal sealed class SocketAgent(string path) : IAgent
{
    public async Task<IAgentConnection> ConnectAsync(CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), ct).ConfigureAwait(false);
            return new Connection(new NetworkStream(socket, ownsSocket: true));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
    }

    private sealed class Connection(NetworkStream stream) : IAgentConnection
    {
        public async Task<byte[]> AnswerAsync(byte[] message, CancellationToken ct)
        {
            await AgentMessage.WriteAsync(stream, message, ct).ConfigureAwait(false);
            return await AgentMessage.ReadAsync(stream, ct).ConfigureAwait(false) ?? throw new IOException("the SSH agent ended the talk");
        }

        public void Dispose() => stream.Dispose();
    }
}
