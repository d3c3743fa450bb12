using System.IO.Compression;
using Sampan.Storage.Content;

namespace Sampan.Storage.Images.Layers;

/// <summary>
/// Compresses a layer with gzip on all processors: each block becomes a gzip member of its own
/// (<see href="https://www.rfc-editor.org/rfc/rfc1952#section-2.2">RFC 1952, 2.2</see>: a file is a series of members). The same bytes
/// always give the same result.
/// </summary>
internal static class LayerCompression
{
    private const int BlockBytes = 1024 * 1024;

    /// <summary>Compresses all of <paramref name="source"/> into a blob.</summary>
    internal static void Compress(Stream source, BlobIngest target, CancellationToken ct)
    {
        var workers = Math.Clamp(Environment.ProcessorCount, 1, 8);
        var waiting = new Queue<Task<ArraySegment<byte>>>();
        for (var any = false; ;)
        {
            ct.ThrowIfCancellationRequested();
            var block = new byte[BlockBytes];
            var length = source.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
            if (length > 0 || !any)
                waiting.Enqueue(Task.Run(() => Compress(block.AsSpan(0, length)), CancellationToken.None));
            any = true;
            var isLast = length < block.Length;
            while (waiting.Count > (isLast ? 0 : workers))
                target.Write(waiting.Dequeue().GetAwaiter().GetResult());
            if (isLast)
                return;
        }
    }

    private static ArraySegment<byte> Compress(ReadOnlySpan<byte> block)
    {
        var output = new MemoryStream((block.Length / 2) + 64);
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(block);
        return new ArraySegment<byte>(output.GetBuffer(), 0, (int)output.Length);
    }
}
