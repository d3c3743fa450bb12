using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sampan.DockerApi;
using Sampan.Engine;

namespace Sampan.Server.Http;

/// <summary>What a listener does with few descriptors left.</summary>
internal sealed partial class Sparing(TimeProvider time, ILogger log)
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(10);
    private long _told;

    /// <summary>The clock for its pauses.</summary>
    internal TimeProvider Time { get; } = time;

    /// <summary>Connections with this number or a higher one are refused.</summary>
    internal int Room { get; init; } = int.MaxValue;

    /// <summary>What a refused client is told; empty: it is only hung up on.</summary>
    internal ReadOnlyMemory<byte> Answer { get; init; }

    /// <summary>The answer of the engine's API: 503, with the limit and what to do.</summary>
    internal static ReadOnlyMemory<byte> ApiAnswer()
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new ErrorResponse { Message = $"too many open files: {DescriptorShortage.Advice}" }, DockerApiJson.Wire.ErrorResponse);
        return (byte[])[.. Encoding.ASCII.GetBytes($"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), .. body];
    }

    /// <summary>Tells the log, not more often than each ten seconds.</summary>
    internal void Tell()
    {
        var last = Interlocked.Read(ref _told);
        var now = Time.GetTimestamp();
        if ((last == 0 || Time.GetElapsedTime(last, now) > s_silence) && Interlocked.CompareExchange(ref _told, now, last) == last)
            Log.Short(log, DescriptorShortage.Advice);
    }

    /// <summary>Event ids 5010 to 5019.</summary>
    private static partial class Log
    {
        [LoggerMessage(5010, LogLevel.Warning, "too many open files for another client: {Advice}")]
        internal static partial void Short(ILogger log, string advice);
    }
}
