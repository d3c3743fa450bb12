using System.Buffers.Binary;

namespace Sampan.Cli.Commands.Images.Agents;

/// <summary>An agent of our own, for keys that are given as files.</summary>
internal sealed class KeyAgent(IReadOnlyList<(PrivateKey Key, string Comment)> keys) : IAgent, IAgentConnection
{
    public Task<IAgentConnection> ConnectAsync(CancellationToken ct) => Task.FromResult<IAgentConnection>(this);

    public Task<byte[]> AnswerAsync(byte[] message, CancellationToken ct) => Task.FromResult(message[0] == AgentMessage.AskIdentities ? List() : Sign(message));

    // Of the connection: the keys stay.
    void IDisposable.Dispose()
    {
    }

    /// <summary>Forgets the keys.</summary>
    public void Forget()
    {
        foreach (var (key, _) in keys) key.Dispose();
    }

    private byte[] List()
    {
        byte[] count = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(count, keys.Count);
        return [AgentMessage.Identities, .. count, .. keys.SelectMany(static key => AgentMessage.Fields(key.Key.PublicBlob, AgentMessage.Text(key.Comment)))];
    }

    private byte[] Sign(byte[] message)
    {
        try
        {
            var reader = new FieldReader(message.AsSpan(1));
            var (blob, data, flags) = (reader.Bytes(), reader.Bytes(), reader.Number());
            foreach (var (key, _) in keys)
            {
                if (key.PublicBlob.AsSpan().SequenceEqual(blob) && key.Sign(data, flags) is { } signature) return [AgentMessage.Signature, .. AgentMessage.Fields(signature)];
            }
        }
        catch (InvalidDataException)
        {
            // A message that is none is answered as a key that is not there.
        }
        return [AgentMessage.Failure];
    }
}
