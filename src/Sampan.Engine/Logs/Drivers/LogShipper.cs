using System.Net.Sockets;
using Sampan.Engine.Containers;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>
/// Sends one container's log to its remote driver, from the file that the supervisor writes: a receiver that is slow or gone never holds the
/// container up. Where it stands is on disk, at most a second old: after a crash of the daemon entries may arrive twice; they are lost only when the
/// file was rotated away before they could be sent, or by <c>mode=non-blocking</c>.
/// </summary>
internal sealed class LogShipper(EngineParts parts, Container container, string path)
{
    private const long UsualBufferBytes = 1 << 20;

    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(1);

    private readonly LogRetry _retry = LogRetry.From(container.Current.Spec.Log);
    private readonly string _file = Path.Combine(container.Current.Directory, "log-position");
    private ILogTarget? _target;
    private LogPosition? _position;
    private long _saved;
    private bool _failing;
    private long _givenUp;

    /// <summary>Sends what there is and what comes, until the container has ended and all is sent.</summary>
    /// <param name="growth">Waits for more; null: the container does not run.</param>
    /// <param name="ct">The container is removed, or the daemon goes.</param>
    public async Task RunAsync(LogGrowth? growth, CancellationToken ct)
    {
        _position = LogPosition.Load(_file);
        try
        {
            if (container.Current.Spec.Log.Options.GetValueOrDefault("mode") == "non-blocking")
                await BufferedAsync(growth, ct);
            else
                await foreach (var entry in UnsentLog.ReadAsync(path, _position, growth, ct))
                    await DeliverAsync(entry, ct);
        }
        finally
        {
            if (_target is not null)
                await _target.DisposeAsync();
            _target = null;
            SavePosition();
            TellGivenUp();
        }
    }

    private async Task BufferedAsync(LogGrowth? growth, CancellationToken ct)
    {
        var size = container.Current.Spec.Log.Options.TryGetValue("max-buffer-size", out var text) && LogPlan.TrySize(text, out var bytes) && bytes > 0 ? bytes : UsualBufferBytes;
        var buffer = new LogBuffer(size);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var sending = SendAllAsync(buffer, ending.Token);
        try
        {
            await foreach (var entry in UnsentLog.ReadAsync(path, _position, growth, ct))
                buffer.Add(entry);
            buffer.End();
            await sending;
        }
        finally
        {
            await ending.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (buffer.Dropped > 0)
                parts.Notices(new EngineNotice(NoticeLevel.Warning, $"{buffer.Dropped} log entries of container {container.Short} were dropped: the receiver was too slow for mode=non-blocking"));
        }
    }

    private async Task SendAllAsync(LogBuffer buffer, CancellationToken ct)
    {
        while (await buffer.TakeAsync(ct) is { } entry)
            await DeliverAsync(entry, ct);
    }

    private async Task DeliverAsync(LogEntry entry, CancellationToken ct)
    {
        using var pauses = _retry.Pauses().GetEnumerator();
        while (!await ArrivesAsync(entry, ct))
        {
            if (!pauses.MoveNext())
            {
                _givenUp++;
                break;
            }

            await Task.Delay(pauses.Current, parts.Time, ct);
        }

        _position = LogPosition.After(_position, entry);
        if (parts.Time.GetElapsedTime(_saved) >= SaveEvery)
            SavePosition();
    }

    private async Task<bool> ArrivesAsync(LogEntry entry, CancellationToken ct)
    {
        try
        {
            await SendAsync(entry, ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested && failure is IOException or SocketException or OperationCanceledException)
        {
            await ForgetAsync(failure);
            return false;
        }

        if (_failing)
            parts.Notices(new EngineNotice(NoticeLevel.Information, $"the log of container {container.Short} reaches its receiver again"));
        _failing = false;
        TellGivenUp();
        return true;
    }

    private void TellGivenUp()
    {
        if (_givenUp > 0)
            parts.Notices(new EngineNotice(NoticeLevel.Warning, $"{_givenUp} log entries of container {container.Short} were given up: the receiver could not be reached as often as its options say"));
        _givenUp = 0;
    }

    private async Task SendAsync(LogEntry entry, CancellationToken ct)
    {
        var now = container.Current;
        _target ??= LogDrivers.Open(LogDrivers.NameOf(now.Spec.Log), LogOrigin.Of(now), now.Spec.Log.Options);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(_target.Patience);
        await _target.SendAsync(entry, patience.Token);
    }

    private async Task ForgetAsync(Exception failure)
    {
        if (!_failing)
            parts.Notices(new EngineNotice(NoticeLevel.Warning, $"cannot send the log of container {container.Short}, tried again {(_retry.Most is { } most ? $"{most} times for each entry" : "until it can be")}: {failure.Message}", failure));
        _failing = true;
        if (_target is not null)
            await _target.DisposeAsync();
        _target = null;
    }

    private void SavePosition()
    {
        _saved = parts.Time.GetTimestamp();
        try
        {
            _position?.Save(_file);
        }
        catch (DirectoryNotFoundException)
        {
            // The container is removed, and its log with it.
        }
        catch (IOException failure)
        {
            parts.Notices(new EngineNotice(NoticeLevel.Warning, $"cannot note how far the log of container {container.Short} was sent: {failure.Message}", failure));
        }
    }
}
