using Sampan.Storage.Archives;
using Sampan.Storage.Distribution;

namespace Sampan.Storage.Registry;

/// <summary>The registries that a registry of ours stands for: what is asked for is fetched from there once, and kept. Thread-safe.</summary>
public sealed class PullThrough : IAsyncDisposable
{
    private readonly RegistryConnections _connections;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Mirror> _mirrors;

    /// <summary>Nothing is connected to before it is needed.</summary>
    /// <param name="store">Where what was fetched is kept.</param>
    /// <param name="mirrors">The other registries.</param>
    /// <param name="options">How registries are talked to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tell">Told what went wrong and was coped with.</param>
    public PullThrough(RegistryStore store, IEnumerable<MirrorOptions> mirrors, RegistryOptions options, TimeProvider time, Action<string> tell)
    {
        _connections = new RegistryConnections(options);
        // The more is said of a name, the better it fits.
        _mirrors = [.. mirrors.OrderByDescending(mirror => mirror.Prefix.Length).Select(mirror => new Mirror(store, mirror, new MirrorClients(mirror, _connections, options, ArchiveLimits.Default, time), time, tell, _stop.Token))];
    }

    /// <summary>The registry that a name stands for; null: ours.</summary>
    public Mirror? Find(RepositoryName name) => _mirrors.Find(mirror => mirror.Covers(name));

    /// <summary>Ends what is being fetched.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var mirror in _mirrors)
            await mirror.EndAsync();
        _connections.Dispose();
        _stop.Dispose();
    }
}
