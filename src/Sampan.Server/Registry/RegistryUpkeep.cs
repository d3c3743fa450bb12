using Sampan.Storage.Registry;

namespace Sampan.Server.Registry;

/// <summary>What a registry does by itself while it serves: gives up abandoned uploads, and collects garbage at its interval or when asked.</summary>
internal sealed class RegistryUpkeep : IAsyncDisposable
{
    private static readonly TimeSpan s_expiryInterval = TimeSpan.FromMinutes(10);

    private readonly RegistryServerOptions _options;
    private readonly RegistryLog _log;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _soon = new(0);
    private readonly Task _loop;

    internal RegistryUpkeep(RegistryServerOptions options, RegistryLog log, TimeProvider time)
    {
        (_options, _log, _time) = (options, log, time);
        _loop = RunAsync();
    }

    internal void RunSoon() => _soon.Release();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
        _soon.Dispose();
    }

    private async Task RunAsync()
    {
        var last = _time.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var asked = await _soon.WaitAsync(_options.CollectionInterval < s_expiryInterval ? _options.CollectionInterval.Value : s_expiryInterval, _stop.Token).ConfigureAwait(false);
                var freed = await _options.Store.ExpireUploadsAsync(_stop.Token).ConfigureAwait(false);
                if (freed > 0)
                    _log.Expired(freed);
                if (!asked && !(_time.GetElapsedTime(last) >= _options.CollectionInterval))
                    continue;
                Collect(dryRun: false, untagged: false, _stop.Token);
                last = _time.GetTimestamp();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // The registry serves on; the next run tries again.
                _log.NotCollected(failure);
            }
        }
    }

    internal Collected Collect(bool dryRun, bool untagged, CancellationToken ct)
    {
        var collected = _options.Store.Collect(dryRun, ct, untagged);
        if (!dryRun)
            _log.Collected(collected.Manifests, collected.Links, collected.Blobs, collected.Bytes);
        return collected;
    }
}
