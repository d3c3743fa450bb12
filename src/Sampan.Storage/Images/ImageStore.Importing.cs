using System.Text.Json;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;
using Sampan.Storage.Images.Changes;
using Sampan.Storage.Images.Layers;
using Sampan.Storage.Images.Layouts;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Images;

/// <summary>Making images of root file systems.</summary>
public sealed partial class ImageStore
{
    /// <summary>
    /// Makes an image with one layer of a tar of a root file system (<c>docker import</c>).
    /// <list type="number">
    /// <item>Store the tar as it comes, and unpack it meanwhile.</item>
    /// <item>Write the configuration.</item>
    /// <item>Take what was unpacked.</item>
    /// <item>Flush the blobs, write the image and its name.</item>
    /// </list>
    /// </summary>
    /// <param name="tar">The tar, plain or compressed with gzip or zstd.</param>
    /// <param name="import">Name, configuration and remark.</param>
    /// <param name="ct">Cancels until the image is written.</param>
    /// <exception cref="StorageException">Corrupt, InvalidInput or NotSupported: the tar or the changes cannot be used.</exception>
    public async Task<ImageRecord> ImportAsync(Stream tar, ImageImport import, CancellationToken ct)
    {
        var defaults = ImageChanges.Apply(new ImageDefaults(), import.Changes);
        try
        {
            using var writing = new Writing(this);
            using var ahead = new LayersAhead(Layers);
            var (blob, diffId) = await StreamPump.ReadAsync(tar, stream => Ingest(stream, ahead, ct), ct); // 1
            var platform = (import.Platform ?? Platform.Current).Normalize();
            var now = _time.GetUtcNow();
            var config = new ImageConfig
            {
                Created = now,
                Architecture = platform.Architecture,
                Os = platform.Os,
                Variant = platform.Variant,
                Config = defaults,
                Comment = import.Message,
                RootFs = new RootFileSystem { Type = "layers", DiffIds = [diffId] },
                History = [new HistoryEntry { Created = now, Comment = import.Message ?? "Imported from -" }],
            };
            var id = _content.Put(JsonSerializer.SerializeToUtf8Bytes(config, OciImageJson.Plain.ImageConfig)); // 2
            var image = new ArchivedImage { Id = id, Config = config, Layers = [blob], Names = import.Name is null ? [] : [import.Name] };
            await UnpackAsync(image, null, ct, ahead); // 3
            return Commit([image], null)[0].Image; // 4
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
    }

    // Two digests of one stream: of the bytes as they come, and of the tar inside.
    private (Descriptor Blob, Digest DiffId) Ingest(Stream stream, LayersAhead ahead, CancellationToken ct)
    {
        using var ingest = _content.Begin(isReadSoon: false);
        var relay = new BlobRelay();
        var kind = CompressionKind.None;
        var unpacking = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    return Layers.Unpack(
                        () =>
                        {
                            var tar = Compression.Decompress(relay.OpenRead(), _limits, out kind);
                            // The digest of what is not packed is the blob's.
                            return (tar, kind == CompressionKind.None);
                        },
                        ct);
                }
                finally
                {
                    relay.Leave();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        UnpackedTree? taken = null;
        try
        {
            var digest = Store(stream, ingest, relay, unpacking, ct);
            taken = unpacking.GetAwaiter().GetResult();
            var diffId = taken.DiffId ?? digest;
            ahead.Add(null, diffId, taken);
            return (Packed(digest, ingest.Length, kind, ct), diffId);
        }
        finally
        {
            relay.Tear();
            Conclude(unpacking, taken is not null);
        }
    }

    // Its source has ended, so it ends; its failure was told before, or follows from another one. What nobody took is nobody's.
    private void Conclude(Task<UnpackedTree> unpacking, bool isTaken)
    {
        _ = Task.WaitAny([unpacking], CancellationToken.None);
        if (unpacking.IsCompletedSuccessfully && !isTaken)
            Layers.Discard(unpacking.Result);
        _ = unpacking.Exception;
    }

    // To the stream's end, or until what came cannot be unpacked.
    private static Digest Store(Stream stream, BlobIngest ingest, BlobRelay relay, Task unpacking, CancellationToken ct)
    {
        var buffer = new byte[256 * 1024];
        for (int read; !unpacking.IsCompleted && (read = stream.Read(buffer)) > 0;)
        {
            ct.ThrowIfCancellationRequested();
            relay.Write(buffer.AsSpan(0, read));
            ingest.Write(buffer.AsSpan(0, read));
        }
        relay.Complete();
        if (unpacking.IsCompleted)
            unpacking.GetAwaiter().GetResult();
        return ingest.Commit();
    }

    private Descriptor Packed(Digest digest, long length, CompressionKind kind, CancellationToken ct)
    {
        // No media type could tell the next reader of these: kept plain.
        if (kind is CompressionKind.Xz or CompressionKind.Bzip2)
        {
            using var tar = Compression.Decompress(_content.OpenRead(digest), _limits);
            return PlainLayer.Ingest(tar, _content, _limits, ct);
        }
        var mediaType = kind switch
        {
            CompressionKind.Gzip => MediaTypes.OciLayerGzip,
            CompressionKind.Zstd => MediaTypes.OciLayerZstd,
            _ => MediaTypes.OciLayer,
        };
        return new Descriptor { MediaType = mediaType, Digest = digest, Size = length };
    }
}
