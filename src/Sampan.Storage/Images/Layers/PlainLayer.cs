using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;

namespace Sampan.Storage.Images.Layers;

/// <summary>Stores layers without their compression, where no media type could tell the next reader which it is (xz, bzip2).</summary>
internal static class PlainLayer
{
    /// <summary>Stores a tar; its digest is the layer's diff id.</summary>
    /// <exception cref="StorageException">InvalidInput: it is too large; Corrupt: its compression is damaged.</exception>
    internal static Descriptor Ingest(Stream tar, ContentStore content, ArchiveLimits limits, CancellationToken ct)
    {
        using var ingest = content.Begin();
        var buffer = new byte[256 * 1024];
        for (int read; (read = tar.Read(buffer)) > 0;)
        {
            ct.ThrowIfCancellationRequested();
            ingest.Write(buffer.AsSpan(0, read));
            if (ingest.Length > limits.MaxLayerBytes)
                throw new StorageException(StorageError.InvalidInput, $"a layer has more than {limits.MaxLayerBytes} bytes: refused");
        }
        return new Descriptor { MediaType = MediaTypes.OciLayer, Digest = ingest.Commit(), Size = ingest.Length };
    }
}
