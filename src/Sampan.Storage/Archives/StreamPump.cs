using System.IO.Pipelines;

namespace Sampan.Storage.Archives;

/// <summary>
/// Lets synchronous work on archives use asynchronous streams: the work runs on a thread of its own, a pipe of a few MiB between, so that
/// reading from the network and unpacking overlap.
/// </summary>
internal static class StreamPump
{
    /// <summary>Runs <paramref name="work"/> on what <paramref name="source"/> gives.</summary>
    internal static async Task<T> ReadAsync<T>(Stream source, Func<Stream, T> work, CancellationToken ct)
    {
        using var memory = new PumpMemory();
        var pipe = new Pipe(Options(memory));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var feeding = FeedAsync(source, pipe.Writer, stop.Token);
        var working = Task.Factory.StartNew(
            () =>
            {
                using var stream = pipe.Reader.AsStream();
                return work(stream);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            return await working;
        }
        finally
        {
            // The work's failure is the one to tell; the feeder's reaches it through the pipe.
            await stop.CancelAsync();
            await feeding;
        }
    }

    /// <summary>Runs <paramref name="work"/> and sends what it writes to <paramref name="target"/>.</summary>
    internal static async Task WriteAsync(Stream target, Action<Stream> work, CancellationToken ct)
    {
        using var memory = new PumpMemory();
        var pipe = new Pipe(Options(memory));
        var working = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    using (var stream = pipe.Writer.AsStream(leaveOpen: true))
                        work(stream);
                    pipe.Writer.Complete();
                }
                catch (Exception failure)
                {
                    pipe.Writer.Complete(failure);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            // Rethrows the work's failure.
            await pipe.Reader.CopyToAsync(target, ct);
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await working;
        }
    }

    private static PipeOptions Options(PumpMemory memory) => new(
        memory,
        pauseWriterThreshold: 2 * 1024 * 1024,
        resumeWriterThreshold: 1024 * 1024,
        minimumSegmentSize: PumpMemory.SegmentSize,
        useSynchronizationContext: false);

    private static async Task FeedAsync(Stream source, PipeWriter writer, CancellationToken ct)
    {
        Exception? failure = null;
        try
        {
            while (true)
            {
                // Bodies come in pieces of 4 KiB: the work is not woken for each.
                var count = await source.ReadAtLeastAsync(writer.GetMemory(PumpMemory.SegmentSize), PumpMemory.SegmentSize, throwOnEndOfStream: false, ct);
                writer.Advance(count);
                var flushed = await writer.FlushAsync(ct);
                if (flushed.IsCompleted || count < PumpMemory.SegmentSize)
                    break;
            }
        }
        catch (Exception broken)
        {
            failure = broken;
        }
        await writer.CompleteAsync(failure);
    }
}
