using System.Diagnostics;
using System.Globalization;
using Sampan.Runtime.Commands;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>The driver <c>fluentd</c>: the forward protocol over tcp, TLS or a Unix socket.</summary>
/// <param name="address">The receiver.</param>
/// <param name="precise">Times have nanoseconds.</param>
/// <param name="acknowledged">The receiver says that it has an entry.</param>
/// <param name="renewal">After which time its name is asked anew; null: never.</param>
/// <param name="writing">How long it may take to take an entry; null: as long as any receiver.</param>
/// <param name="reading">How long it may take to acknowledge one; null: the same.</param>
/// <param name="origin">What the entries say of their container.</param>
internal sealed class FluentdTarget(LogAddress address, bool precise, bool acknowledged, TimeSpan? renewal, TimeSpan? writing, TimeSpan? reading, LogOrigin origin) : ILogTarget
{
    private const int Port = 24224;
    private const int AnswerBytes = 256;

    private static readonly TimeSpan s_leastRenewal = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_mostRenewal = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_longest = TimeSpan.FromHours(24);
    private static readonly TimeSpan s_connecting = TimeSpan.FromSeconds(30);

    private Stream? _stream;
    private long _connected;

    /// <summary>By a container's options.</summary>
    /// <exception cref="FormatException">One is wrong.</exception>
    public static FluentdTarget From(LogOrigin origin, IReadOnlyDictionary<string, string> options)
    {
        var address = LogAddress.Parse("fluentd-address", options.GetValueOrDefault("fluentd-address") is { Length: > 0 } text ? text : "tcp://127.0.0.1", Port, "tcp", "tls", "unix");
        return new FluentdTarget(address, LogDrivers.Says(options, "fluentd-sub-second-precision"), LogDrivers.Says(options, "fluentd-request-ack"), Renewal(options), Limit(options, "fluentd-write-timeout"), Limit(options, "fluentd-read-timeout"), origin);
    }

    /// <inheritdoc/>
    public TimeSpan Patience => s_connecting + (writing ?? TimeSpan.Zero) + (reading ?? TimeSpan.Zero);

    /// <inheritdoc/>
    public async Task SendAsync(LogEntry entry, CancellationToken ct)
    {
        if (_stream is not null && renewal is { } interval && Stopwatch.GetElapsedTime(_connected) >= interval)
        {
            // The name of the receiver may mean another one by now.
            await _stream.DisposeAsync();
            _stream = null;
        }

        if (_stream is null)
        {
            _stream = await address.ConnectStreamAsync(address.Protocol == "tls" ? new LogTls(null, null, null, SkipVerify: false) : null, ct);
            _connected = Stopwatch.GetTimestamp();
        }

        var chunk = acknowledged ? Convert.ToBase64String(Guid.NewGuid().ToByteArray()) : null;
        var stream = _stream;
        await WithinAsync(writing, "take", patience => stream.WriteAsync(FluentdMessage.Write(entry, origin, precise, chunk), patience).AsTask(), ct);
        if (chunk is not null)
            await WithinAsync(reading, "acknowledge", patience => AnswerAsync(stream, chunk, patience), ct);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
            await _stream.DisposeAsync();
    }

    private static TimeSpan? Renewal(IReadOnlyDictionary<string, string> options)
    {
        const string option = "fluentd-async-reconnect-interval";
        if (!options.TryGetValue(option, out var text))
            return null;
        if (!GoDuration.TryParse(text, out var interval) || (interval != TimeSpan.Zero && (interval < s_leastRenewal || interval > s_mostRenewal)))
            throw new FormatException($"invalid value '{text}' for {option}: expected a time between 100ms and 10s, or 0");
        return interval == TimeSpan.Zero ? null : interval;
    }

    private static TimeSpan? Limit(IReadOnlyDictionary<string, string> options, string option) => options.GetValueOrDefault(option) is not { Length: > 0 } text ? null
        : !GoDuration.TryParse(text, out var limit) ? throw new FormatException($"invalid value '{text}' for {option}: expected a time such as 500ms or 2s, or 0 for no limit of its own")
        : limit > s_longest ? throw new FormatException($"invalid value '{text}' for {option}: the longest is 24h")
        : limit == TimeSpan.Zero ? null : limit;

    private async Task WithinAsync(TimeSpan? limit, string act, Func<CancellationToken, Task> work, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        if (limit is { } time)
            patience.CancelAfter(time);
        try
        {
            await work(patience.Token);
        }
        catch (OperationCanceledException late) when (limit is { } most && !ct.IsCancellationRequested)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{address} did not {act} an entry within {most.TotalSeconds} s"), late);
        }
    }

    private async Task AnswerAsync(Stream stream, string chunk, CancellationToken ct)
    {
        var buffer = new byte[AnswerBytes];
        for (var filled = 0; filled < buffer.Length;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled), ct);
            filled += read;
            if (FluentdMessage.Acknowledged(buffer.AsSpan(0, filled)) is { } id)
            {
                if (id == chunk)
                    return;
                break;
            }

            if (read == 0)
                break;
        }

        throw new IOException($"{address} did not acknowledge an entry");
    }
}
