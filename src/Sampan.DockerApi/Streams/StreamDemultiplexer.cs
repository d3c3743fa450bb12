namespace Sampan.DockerApi.Streams;

/// <summary>Takes framed output apart again.</summary>
public static class StreamDemultiplexer
{
    /// <summary>
    /// Copies frames from <paramref name="source"/> to the stream each belongs to until the source ends. An error frame of the
    /// engine and anything that is not a frame throw <see cref="InvalidDataException"/>; so does an end inside a frame.
    /// </summary>
    public static async Task CopyAsync(Stream source, Stream stdout, Stream stderr, CancellationToken cancellationToken = default)
    {
        byte[] header = new byte[StreamFraming.HeaderLength];
        byte[] buffer = new byte[32 * 1024];
        while (true)
        {
            int got = await source.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (got == 0) return;
            if (got < header.Length) throw new InvalidDataException("the output broke off inside a frame's header");
            if (!StreamFraming.TryReadHeader(header, out var kind, out uint length))
                throw new InvalidDataException("the output is not framed: does the container have a terminal?");
            if (kind == StreamKind.SystemError) throw new InvalidDataException($"error from the engine in the stream: {await ReadTextAsync(source, length, cancellationToken).ConfigureAwait(false)}");
            var target = kind == StreamKind.Stderr ? stderr : stdout;
            while (length > 0)
            {
                int n = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(length, (uint)buffer.Length)), cancellationToken).ConfigureAwait(false);
                if (n == 0) throw new InvalidDataException("the output broke off inside a frame");
                await target.WriteAsync(buffer.AsMemory(0, n), cancellationToken).ConfigureAwait(false);
                length -= (uint)n;
            }
            await target.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<string> ReadTextAsync(Stream source, uint length, CancellationToken cancellationToken)
    {
        // An error is a sentence; more than this is not shown.
        byte[] text = new byte[Math.Min(length, 4096)];
        int got = await source.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return System.Text.Encoding.UTF8.GetString(text, 0, got).Trim();
    }
}
