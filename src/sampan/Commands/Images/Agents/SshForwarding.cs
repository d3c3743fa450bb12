using System.Net.Sockets;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands.Images.Agents;

/// <summary>
/// build --ssh: for each id a line to the engine is kept open. Whoever connects to the agent's socket in the build takes it; then the next line is
/// opened, and messages go to and fro. Keys stay here.
/// </summary>
internal sealed class SshForwarding : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, IAgent> _agents;

    // Guards what follows.
    private readonly Lock _gate = new();
    private readonly List<Task> _lines = [];

    private SshForwarding(Dictionary<string, IAgent> agents)
    {
        _agents = agents;
        Session = agents.Count == 0 ? null : Guid.NewGuid().ToString("n");
    }

    /// <summary>What the build calls its lines; nobody can guess it. Null: it has none.</summary>
    public string? Session { get; }

    public IReadOnlyList<string> Ids => [.. _agents.Keys];

    /// <summary>Reads the values of --ssh: <c>default</c>, <c>ID</c>, <c>ID=SOCKET</c>, <c>ID=KEY[,KEY…]</c>.</summary>
    public static SshForwarding Parse(IReadOnlyList<string> words, Func<string, string?> environment)
    {
        var agents = new Dictionary<string, IAgent>(StringComparer.Ordinal);
        foreach (string word in words)
        {
            int equals = word.IndexOf('=');
            string id = equals < 0 ? word : word[..equals];
            string[] paths = equals < 0 ? [] : word[(equals + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries);
            if (id.Length == 0) throw new CommandException($"invalid --ssh '{word}': expected default, ID=SOCKET or ID=KEY[,KEY...]");
            if (!agents.TryAdd(id, AgentOf(id, paths, environment))) throw new CommandException($"--ssh '{id}' is given twice");
        }
        return new SshForwarding(agents);
    }

    /// <summary>Opens the first lines, so that an engine that has none says so before the build.</summary>
    public async Task OpenAsync(DockerClient client, CancellationToken cancellationToken)
    {
        foreach (var (id, agent) in _agents)
        {
            try
            {
                Keep(client, id, agent, await client.OpenAgentLineAsync(Session ?? "", id, cancellationToken).ConfigureAwait(false));
            }
            catch (DockerApiException e) when (e.IsNotFound)
            {
                throw new CommandException("this engine does not take SSH agents by its classic build endpoint: --ssh needs sampand");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] lines;
        lock (_gate) lines = [.. _lines];
        await Task.WhenAll(lines).ConfigureAwait(false);
        foreach (var agent in _agents.Values) (agent as KeyAgent)?.Forget();
        _stop.Dispose();
    }

    private static IAgent AgentOf(string id, string[] paths, Func<string, string?> environment)
    {
        if (paths.Length == 0)
        {
            return environment("SSH_AUTH_SOCK") is { Length: > 0 } usual ? new SocketAgent(usual)
                : throw new CommandException($"--ssh {id}: there is no SSH agent (SSH_AUTH_SOCK is not set): start one, or give a key: --ssh {id}=PATH");
        }
        if (Array.Find(paths, static path => File.Exists(path) && BuildContext.IsSocket(Path.GetFullPath(path))) is { } socket)
            return paths.Length == 1 ? new SocketAgent(socket) : throw new CommandException($"--ssh {id}: '{socket}' is a socket: it cannot be given beside other paths");
        return new KeyAgent([.. paths.Select(static path => (PrivateKey.Read(path), path))]);
    }

    private void Keep(DockerClient client, string id, IAgent agent, HijackedStream line)
    {
        lock (_gate) _lines.Add(ServeAsync(client, id, agent, line));
    }

    // A talk that breaks is the asker's failure to tell: the build goes on.
    private async Task ServeAsync(DockerClient client, string id, IAgent agent, HijackedStream line)
    {
        await Task.Yield();
        try
        {
            using (line)
            {
                byte[]? message = await AgentMessage.ReadAsync(line, _stop.Token).ConfigureAwait(false);
                if (message is null) return;
                Keep(client, id, agent, await client.OpenAgentLineAsync(Session ?? "", id, _stop.Token).ConfigureAwait(false));
                using var connection = await agent.ConnectAsync(_stop.Token).ConfigureAwait(false);
                for (; message is not null; message = await AgentMessage.ReadAsync(line, _stop.Token).ConfigureAwait(false))
                {
                    byte[] answer = AgentMessage.IsAllowed(message) ? await connection.AnswerAsync(message, _stop.Token).ConfigureAwait(false) : [AgentMessage.Failure];
                    await AgentMessage.WriteAsync(line, answer, _stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or InvalidDataException or DockerApiException or ObjectDisposedException)
        {
            // The line is closed: whoever asked sees an agent that has gone.
        }
    }
}
