using System.Threading.Channels;

namespace Sampan.Build.Caching;

/// <summary>Cuts the cache back after builds, beside whatever goes on; several builds that end together are answered by one run.</summary>
internal sealed class CacheCollector : IAsyncDisposable
{
    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <param name="collect">One run.</param>
    /// <param name="failed">Is told why a run failed; the next build tries again.</param>
    internal CacheCollector(Action collect, Action<Exception> failed) => _running = Task.Run(() => RunAsync(collect, failed));

    /// <summary>A build is over.</summary>
    internal void Ask() => _asked.Writer.TryWrite(true);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(Action collect, Action<Exception> failed)
    {
        while (await NextAsync())
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

    private async Task<bool> NextAsync()
    {
        try
        {
            return await _asked.Reader.ReadAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
