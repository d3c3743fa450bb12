using System.Net;

namespace Sampan.Storage.Distribution;

/// <summary>A part of a file as a request's body; each piece that is taken is progress.</summary>
internal sealed class FilePartContent(string path, long first, long length, StallGuard guard, TransferMeter meter) : HttpContent
{
    private const int BufferBytes = 64 * 1024;

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        meter.Set(first);
        var buffer = new byte[BufferBytes];
        for (var at = first; at < first + length;)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, first + length - at)), at);
            if (read == 0)
                throw new StorageException(StorageError.Corrupt, $"file '{path}' is shorter than it was");
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            guard.Touch();
            meter.Add(read);
            at += read;
        }
    }
}
