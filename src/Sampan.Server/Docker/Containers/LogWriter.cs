using System.IO.Pipelines;
using System.Text;
using Sampan.DockerApi.Streams;
using Sampan.Engine.Logs;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Containers;

/// <summary>Writes log entries, in Docker's frames unless the container has a terminal; flushed when nothing more is at hand.</summary>
internal sealed class LogWriter(PipeWriter output, bool framed, bool timestamps, bool details)
{
    private const int FlushBytes = 32 << 10;

    private long _pending;

    /// <summary>Writes one entry.</summary>
    internal ValueTask WriteAsync(LogEntry entry, CancellationToken cancellation)
    {
        var time = Encoding.UTF8.GetBytes((timestamps ? Timestamp.WriteFixed(entry.Time) + " " : "") + (details ? Details(entry.Attributes) + " " : ""));
        var length = time.Length + entry.Text.Length;
        if (framed)
        {
            StreamFraming.WriteHeader(output.GetSpan(StreamFraming.HeaderLength), (StreamKind)entry.Stream, length);
            output.Advance(StreamFraming.HeaderLength);
        }

        output.Put(time);
        output.Put(entry.Text.Span);
        _pending += length;
        return _pending < FlushBytes ? ValueTask.CompletedTask : FlushAsync(cancellation);
    }

    // Docker's form: sorted, escaped as in a query; an entry without any has a bare space.
    private static string Details(IReadOnlyDictionary<string, string> attributes) =>
        string.Join(',', attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{Escape(a.Key)}={Escape(a.Value)}"));

    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);

    /// <summary>Sends what was written.</summary>
    internal async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (_pending == 0)
            return;
        _pending = 0;
        var result = await output.FlushAsync(cancellation).ConfigureAwait(false);
        if (result.IsCompleted)
            throw new OperationCanceledException("the client went away");
    }
}
