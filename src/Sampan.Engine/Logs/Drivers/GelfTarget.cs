using System.IO.Compression;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>The driver <c>gelf</c>: compressed datagrams in chunks, or a stream of messages that end in a zero byte.</summary>
internal sealed class GelfTarget(LogAddress address, string compression, CompressionLevel level, LogOrigin origin) : ILogTarget
{
    private const int Port = 12201;

    private Socket? _datagrams;
    private Stream? _stream;

    /// <summary>By a container's options.</summary>
    /// <exception cref="FormatException">One is wrong.</exception>
    public static GelfTarget From(LogOrigin origin, IReadOnlyDictionary<string, string> options)
    {
        if (!options.TryGetValue("gelf-address", out var text))
            throw new FormatException("gelf-address is a required parameter");
        var address = LogAddress.Parse("gelf-address", text, Port, "udp", "tcp");
        var compression = options.GetValueOrDefault("gelf-compression-type") ?? "gzip";
        if (compression is not ("gzip" or "zlib" or "none"))
            throw new FormatException($"invalid value of 'gelf-compression-type': '{compression}': expected gzip, zlib or none");
        if (address.Protocol == "tcp" && (options.ContainsKey("gelf-compression-type") || options.ContainsKey("gelf-compression-level")))
            throw new FormatException("compression is only supported on UDP");
        var level = options.GetValueOrDefault("gelf-compression-level") switch
        {
            null or "-1" => CompressionLevel.Optimal,
            "0" => CompressionLevel.NoCompression,
            "1" or "2" or "3" => CompressionLevel.Fastest,
            "4" or "5" or "6" or "7" or "8" => CompressionLevel.Optimal,
            "9" => CompressionLevel.SmallestSize,
            var other => throw new FormatException($"invalid value of 'gelf-compression-level': '{other}': expected -1 to 9"),
        };
        return new GelfTarget(address, compression, level, origin);
    }

    /// <inheritdoc/>
    public async Task SendAsync(LogEntry entry, CancellationToken ct)
    {
        if (entry.Text.Span is [] or [(byte)'\n'])
            return; // GELF has no empty message: receivers refuse it.
        var message = GelfMessage.Write(entry, origin);
        if (address.Protocol == "tcp")
        {
            _stream ??= await address.ConnectStreamAsync(null, ct);
            await _stream.WriteAsync((byte[])[.. message, 0], ct);
            return;
        }

        _datagrams ??= await address.ConnectDatagramAsync(ct);
        foreach (var chunk in GelfMessage.Chunk(GelfMessage.Compress(message, compression, level), BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)))))
            await _datagrams.SendAsync(chunk, ct);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _datagrams?.Dispose();
        if (_stream is not null)
            await _stream.DisposeAsync();
    }
}
