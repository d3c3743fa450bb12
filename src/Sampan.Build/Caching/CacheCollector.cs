using System.Threading.Channels;

namespace Sampan.Build.Caching;

/// <summary>Cuts the cache back after builds, beside whatever goes on; several builds that end together are answered by one run.</summary>
internal sealed class CacheCollector : IAsyncDisposable
{
    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Task _running;

    /// <param name="collect">One run.</param>
    /// <param name="failed">Is told why a run failed; the next build tries again.</param>
    internal CacheCollector(Action collect, Action<Exception> failed) => _running = Task.Run(() => RunAsync(collect, failed));

    /// <summary>A build is over.</summary>
    internal void Ask() => _asked.Writer.TryWrite(true);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _asked.Writer.Complete();
        await _running;
    }

    private async Task RunAsync(Action collect, Action<Exception> failed)
    {
        await foreach (var _ in _asked.Reader.ReadAllAsync())
        {
            try
            {
                collect();
            }
            catch (Exception reason) when (reason is IOException or UnauthorizedAccessException or Engine.EngineException or Storage.StorageException)
            {
                failed(reason);
            }
        }
    }
}
