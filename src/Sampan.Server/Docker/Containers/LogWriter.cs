using System.IO.Pipelines;
using System.Text;
using Sampan.DockerApi.Streams;
using Sampan.Engine.Logs;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Containers;

/// <summary>Writes log entries, in Docker's frames unless the container has a terminal; flushed when nothing more is at hand.</summary>
internal sealed class LogWriter(PipeWriter output, bool framed, bool timestamps)
{
    private const int FlushBytes = 32 << 10;

    private long _pending;

    /// <summary>Writes one entry.</summary>
    internal ValueTask WriteAsync(LogEntry entry, CancellationToken cancellation)
    {
        var time = timestamps ? Encoding.ASCII.GetBytes(Timestamp.WriteFixed(entry.Time) + " ") : [];
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
