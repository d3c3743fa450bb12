namespace Sampan.Engine.Logs.Drivers;

/// <summary>The driver <c>fluentd</c>: the forward protocol over tcp, TLS or a Unix socket.</summary>
internal sealed class FluentdTarget(LogAddress address, bool precise, bool acknowledged, LogOrigin origin) : ILogTarget
{
    private const int Port = 24224;
    private const int AnswerBytes = 256;

    private Stream? _stream;

    /// <summary>By a container's options.</summary>
    /// <exception cref="FormatException">One is wrong.</exception>
    public static FluentdTarget From(LogOrigin origin, IReadOnlyDictionary<string, string> options)
    {
        var address = LogAddress.Parse("fluentd-address", options.GetValueOrDefault("fluentd-address") is { Length: > 0 } text ? text : "tcp://127.0.0.1", Port, "tcp", "tls", "unix");
        return new FluentdTarget(address, LogDrivers.Says(options, "fluentd-sub-second-precision"), LogDrivers.Says(options, "fluentd-request-ack"), origin);
    }

    /// <inheritdoc/>
    public async Task SendAsync(LogEntry entry, CancellationToken ct)
    {
        _stream ??= await address.ConnectStreamAsync(address.Protocol == "tls" ? new LogTls(null, null, null, SkipVerify: false) : null, ct);
        var chunk = acknowledged ? Convert.ToBase64String(Guid.NewGuid().ToByteArray()) : null;
        await _stream.WriteAsync(FluentdMessage.Write(entry, origin, precise, chunk), ct);
        if (chunk is not null)
            await AnswerAsync(_stream, chunk, ct);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stream is not null)
            await _stream.DisposeAsync();
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
