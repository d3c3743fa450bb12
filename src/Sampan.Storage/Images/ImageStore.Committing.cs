using System.Text.Json;
using Sampan.Linux.Processes;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Building;
using Sampan.Storage.Content;
using Sampan.Storage.Images.Changes;
using Sampan.Storage.Images.Layouts;
using Sampan.Storage.Snapshots;

namespace Sampan.Storage.Images;

/// <summary>Making images of containers.</summary>
public sealed partial class ImageStore
{
    // A smaller one is unpacked as soon as another thread is there.
    private const int LargeLayer = AlignedBlock.Size;

    // A tar with nothing in it but its two closing blocks: no layer is kept for it, as Docker has it.
    private static readonly Digest s_emptyTar = Digest.Of(new byte[1024]);

    /// <summary>
    /// Makes an image of another one and a layer on top of it (<c>docker commit</c>).
    /// <list type="number">
    /// <item>Store the layer as a blob while it is written.</item>
    /// <item>Make the configuration.</item>
    /// <item>Unpack the layer; flush; write the image and its name.</item>
    /// </list>
    /// </summary>
    /// <param name="parentId">The image that the container was made of.</param>
    /// <param name="writeLayer">Writes the layer's tar.</param>
    /// <param name="commit">Name, configuration and remarks.</param>
    /// <param name="ct">Cancels until the image is written.</param>
    /// <exception cref="StorageException">NotFound: the image was removed.</exception>
    public async Task<ImageRecord> CommitAsync(Digest parentId, Action<Stream> writeLayer, ImageCommit commit, CancellationToken ct)
    {
        try
        {
            return await MakeAsync(parentId, writeLayer, commit, ct);
        }
        catch (Exception full) when (DiskRefusal.Is(full))
        {
            throw DiskRefusal.Of(full);
        }
    }

    private async Task<ImageRecord> MakeAsync(Digest parentId, Action<Stream> writeLayer, ImageCommit commit, CancellationToken ct)
    {
        using var writing = new Writing(this);
        var parent = Find(parentId.ToString()) ?? throw NoSuchImage(parentId.ToString());
        using var ahead = new LayersAhead(Layers);
        var layer = await Task.Run(() => IngestLayer(writeLayer, parent, ahead, ct), CancellationToken.None); // 1
        FailPoint.Reach("commit.layer-stored");
        ct.ThrowIfCancellationRequested();
        var isEmpty = layer.Digest == s_emptyTar;
        var now = _time.GetUtcNow();
        var config = parent.Config with // 2
        {
            Created = now,
            Author = commit.Author,
            Comment = commit.Message,
            Config = commit.Defaults,
            Parent = null,
            DockerVersion = null,
            RootFs = isEmpty ? parent.Config.RootFs : parent.Config.RootFs with { Type = "layers", DiffIds = [.. parent.DiffIds, layer.Digest] },
            History =
            [
                .. parent.Config.History,
                new HistoryEntry { Created = now, CreatedBy = commit.CreatedBy, Author = commit.Author, Comment = commit.Message, EmptyLayer = isEmpty },
            ],
        };
        if (config.RootFs.DiffIds.Count > _limits.MaxLayers)
            throw new StorageException(StorageError.InvalidInput, $"the image would have {config.RootFs.DiffIds.Count} layers, more than the {_limits.MaxLayers} that can be stacked");
        var layers = parent.Layers.Select(below => below.Blob);
        var image = new ArchivedImage
        {
            Id = _content.Put(JsonSerializer.SerializeToUtf8Bytes(config, OciImageJson.Plain.ImageConfig)),
            Config = config,
            Layers = isEmpty ? [.. layers] : [.. layers, layer],
            Parent = parent.Id,
            Names = commit.Name is null ? [] : [commit.Name],
        };
        await UnpackAsync(image, null, ct, ahead); // 3
        return Commit([image], null)[0].Image;
    }

    // A large layer is unpacked while it is written.
    private Descriptor IngestLayer(Action<Stream> writeLayer, ImageRecord? below, LayersAhead ahead, CancellationToken ct)
    {
        using var ingest = _content.Begin(isReadSoon: false);
        BlobRelay? relay = null;
        Task<UnpackedTree>? unpacking = null;
        UnpackedTree? taken = null;
        try
        {
            using (var buffered = new BufferedStream(new IngestStream(Write), 256 * 1024))
                writeLayer(buffered);
            relay?.Complete();
            var digest = ingest.Commit();
            if (unpacking is not null)
                ahead.Add(below is { Layers: [.., var top] } ? top.ChainId : null, digest, taken = unpacking.GetAwaiter().GetResult());
            return new Descriptor { MediaType = MediaTypes.OciLayer, Digest = digest, Size = ingest.Length };
        }
        finally
        {
            relay?.Tear();
            if (unpacking is not null)
                Conclude(unpacking, taken is not null);
        }

        void Write(ReadOnlySpan<byte> content)
        {
            if (relay is null && ingest.Length + content.Length >= LargeLayer)
                unpacking = Unpack(ingest.Head.ToArray(), relay = new BlobRelay(), ct);
            relay?.Write(content);
            ingest.Write(content);
        }
    }

    // What is written here is hashed here.
    private Task<UnpackedTree> Unpack(byte[] head, BlobRelay relay, CancellationToken ct) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                return Layers.Unpack(() => (new PrefixedStream(head, relay.OpenRead()), true), ct);
            }
            finally
            {
                relay.Leave();
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    private sealed class IngestStream(ReadOnlySpanAction write) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override void Write(ReadOnlySpan<byte> buffer) => write(buffer);

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
