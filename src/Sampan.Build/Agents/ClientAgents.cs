using Sampan.Build.Clients;

namespace Sampan.Build.Agents;

/// <summary>Agents of a client that stays connected.</summary>
internal sealed class ClientAgents(IBuildClient client) : IBuildAgents
{
    public Task<bool> HasAsync(string id, CancellationToken ct) => client.HasAgentAsync(id, ct);

    public async Task TalkAsync(string id, Stream connection, CancellationToken ct)
    {
        try
        {
            await client.TalkAsync(id, connection, ct);
        }
        catch (BuildException refused)
        {
            throw new IOException(refused.Message, refused);
        }
    }

    public void Dispose()
    {
        // The connection is the client's.
    }
}
