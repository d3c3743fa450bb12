using Sampan.Linux;
using Sampan.Linux.Processes;

namespace Sampand.Host;

/// <summary>
/// Gives memory back when the daemon has nothing to do. Unpacking an image leaves tens of megabytes of garbage, and a
/// collector that is not asked to allocate does not run: an idle daemon would keep them for ever.
/// </summary>
internal sealed class IdleMemory : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // In ticks without activity: at once, and after the array pools have let go of what was not used for a minute
    // (they drop a part of it at each collection).
    private static readonly int[] Collections = [1, 14, 28];

    private readonly Func<long> _activity;
    private readonly PeriodicTimer _timer;
    private readonly Task _loop;

    /// <summary>Begins to watch.</summary>
    /// <param name="activity">A number that grows with everything the daemon is asked.</param>
    /// <param name="time">The clock.</param>
    internal IdleMemory(Func<long> activity, TimeProvider time)
    {
        _activity = activity;
        _timer = new PeriodicTimer(Interval, time);
        _loop = WatchAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _loop;
    }

    private async Task WatchAsync()
    {
        long seen = -1;
        var idle = 0;
        while (await _timer.WaitForNextTickAsync())
        {
            var now = _activity();
            idle = now == seen ? idle + 1 : 0;
            seen = now;
            if (Collections.Contains(idle))
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                Release();
            }
        }
    }

    private static void Release()
    {
        try
        {
            OwnMemory.Release();
        }
        catch (Exception refused) when (refused is LinuxException or IOException)
        {
            // No descriptor is free, or a library went meanwhile: the next rest tries again.
        }
    }
}
