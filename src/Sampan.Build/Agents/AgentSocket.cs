using System.Net.Sockets;
using System.Threading.Channels;
using Sampan.Storage.Building;

namespace Sampan.Build.Agents;

/// <summary>A socket that looks like an SSH agent's, for one step or one fetch; behind it is the client's agent.</summary>
internal sealed class AgentSocket : IAsyncDisposable
{
    // A step may connect as often as it likes, but so many at a time.
    private const int Talks = 8;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly CancellationTokenSource _stop = new();
    private readonly IBuildAgents _session;
    private readonly string _id;
    private readonly string _directory;
    private readonly Socket _listener;
    private readonly Task _serving;

    private AgentSocket(IBuildAgents session, string id, string directory, (uint Uid, uint Gid) owner, UnixFileMode mode)
    {
        _session = session;
        _id = id;
        _directory = directory;
        _listener = HostSocket.Listen(directory, "agent", owner, mode);
        _serving = Task.WhenAll(Enumerable.Range(0, Talks).Select(_ => ServeAsync()));
    }

    /// <summary>On the host.</summary>
    internal string Path => System.IO.Path.Combine(_directory, "agent");

    /// <summary>Opens it.</summary>
    /// <param name="session">The build.</param>
    /// <param name="id">The agent; the session has it.</param>
    /// <param name="below">Where sockets are.</param>
    /// <param name="owner">Who owns it.</param>
    /// <param name="mode">Who may connect.</param>
    internal static AgentSocket Open(IBuildAgents session, string id, string below, (uint Uid, uint Gid) owner, UnixFileMode mode)
    {
        var parent = Directory.CreateDirectory(System.IO.Path.Combine(below, "run"), OwnerOnly).FullName;
        var directory = Directory.CreateDirectory(System.IO.Path.Combine(parent, System.IO.Path.GetRandomFileName()), OwnerOnly).FullName;
        try
        {
            return new AgentSocket(session, id, directory, owner, mode);
        }
        catch
        {
            Directory.Delete(directory, recursive: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stop.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task ServeAsync()
    {
        while (await AcceptAsync() is { } accepted)
        {
            using var connection = new NetworkStream(accepted, ownsSocket: true);
            try
            {
                await _session.TalkAsync(_id, connection, _stop.Token);
            }
            catch (Exception over) when (over is OperationCanceledException or IOException or SocketException or ObjectDisposedException or ChannelClosedException)
            {
                // This talk is over, by either side; the next one has a line of its own.
            }
        }
    }

    private async Task<Socket?> AcceptAsync()
    {
        try
        {
            return await _listener.AcceptAsync(_stop.Token);
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Without descriptors nobody can be served: who connects is refused rather than kept waiting.
            _listener.Dispose();
            return null;
        }
    }
}
