using Sampan.Linux;
using Sampan.Linux.Processes;
using Sampan.Storage.Images;

namespace Sampan.Storage.Snapshots;

/// <summary>
/// Puts unpacked layers on the disk some seconds after they were made, all that came meanwhile at once, and what is left when it ends: then
/// they need not be unpacked again if the machine is lost (docs/adr/0011).
/// </summary>
public sealed class LayerFlush : IAsyncDisposable
{
    /// <summary>How long layers wait for others.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(10);

    private readonly LayerStore _layers;
    private readonly TimeProvider _time;
    private readonly Action<Exception> _failed;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <summary>Begins.</summary>
    /// <param name="images">Whose layers.</param>
    /// <param name="time">The clock for the delay.</param>
    /// <param name="failed">Is told why the kernel refused; it is tried again with the next layers, and at the end.</param>
    public LayerFlush(ImageStore images, TimeProvider time, Action<Exception> failed)
    {
        (_layers, _time, _failed) = (images.Layers, time, failed);
        _loop = Task.Run(RunAsync, CancellationToken.None); // it flushes also when it is stopped
    }

    /// <summary>Flushes what is left, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _layers.Unflushed.WaitToReadAsync(_stop.Token).ConfigureAwait(false);
                await Task.Delay(Delay, _time, _stop.Token).ConfigureAwait(false);
                _ = _layers.Unflushed.TryRead(out _);
                // It waits for the disk: not on a thread that others wait for.
                await Task.Factory.StartNew(Flush, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            Flush();
        }
    }

    private void Flush()
    {
        FailPoint.StandAside();
        try
        {
            _layers.Flush();
        }
        catch (Exception failure) when (failure is LinuxException or IOException)
        {
            _failed(failure);
        }
    }
}
