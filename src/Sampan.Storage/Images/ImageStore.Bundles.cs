using System.Collections.ObjectModel;
using Sampan.Linux.Files;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Building;
using Sampan.Storage.Trees;

namespace Sampan.Storage.Images;

/// <summary>Images whose files are data: they go wherever images go, to registries and into archives.</summary>
public sealed partial class ImageStore
{
    // Below what union mounts and registries take.
    private const int MaxBundleLayers = 100;

    /// <summary>
    /// Makes an image of parts, a layer for each so that a registry stores each once; of very many, several go into one. The same parts give
    /// the same layers: no times are in them.
    /// </summary>
    /// <param name="parts">What, the most lasting first.</param>
    /// <param name="name">The image's name.</param>
    /// <param name="created">Its time.</param>
    /// <param name="ct">Cancels until the image is written.</param>
    public async Task<ImageRecord> BundleAsync(IReadOnlyList<BundlePart> parts, ImageReference name, DateTimeOffset created, CancellationToken ct)
    {
        var perLayer = (parts.Count + MaxBundleLayers - 1) / MaxBundleLayers;
        var steps = new List<ImageRecord>();
        try
        {
            foreach (var together in parts.Chunk(Math.Max(1, perLayer)))
                steps.Add(await StackAsync(steps.LastOrDefault(), Platform.Current.Normalize(), tar => Write(tar, together, ct), ct));
            var platform = Platform.Current.Normalize();
            var config = new ImageConfig { Created = created, Architecture = platform.Architecture, Os = platform.Os, Variant = platform.Variant };
            return await ComposeAsync(steps.LastOrDefault(), config, [name], ReadOnlyDictionary<string, string>.Empty, ct);
        }
        finally
        {
            foreach (var step in steps)
                ForgetStep(step.Id);
        }
    }

    /// <summary>A layer of an image as a plain tar.</summary>
    /// <param name="image">The image.</param>
    /// <param name="index">Which layer, from the lowest.</param>
    public Stream OpenLayer(ImageRecord image, int index) => Compression.Decompress(_content.OpenRead(image.Layers[index].Blob.Digest), _limits);

    private void Write(Stream output, IEnumerable<BundlePart> parts, CancellationToken ct)
    {
        var tar = new TarWriter(output);
        foreach (var part in parts)
        {
            switch (part)
            {
                case BundlePart.Document document:
                    tar.WriteFile(RawName.FromText(document.Path), document.Content, FileMode, default);
                    break;
                case BundlePart.Layer layer:
                    WriteLayer(tar, layer, ct);
                    break;
                case BundlePart.Tree tree:
                    using (var directory = DirectoryHandle.Open(tree.HostDirectory))
                    {
                        var writer = new TreeWriter(tar, ct);
                        writer.WriteDirectory(directory, RawName.FromText(tree.Path));
                        writer.WriteContent(directory, RawName.FromText(tree.Path) + "/");
                    }
                    break;
            }
        }
        tar.End();
    }

    // The length stands before the content in a tar: a layer that is kept compressed is read twice.
    private void WriteLayer(TarWriter tar, BundlePart.Layer part, CancellationToken ct)
    {
        var buffer = new byte[256 * 1024];
        long size = 0;
        using (var counting = OpenLayer(part.Image, part.Image.Layers.Count - 1))
        {
            for (int read; (read = counting.Read(buffer)) > 0; size += read)
                ct.ThrowIfCancellationRequested();
        }
        tar.Begin(new TarEntry { Kind = TarEntryKind.File, Name = RawName.FromText(part.Path), Mode = FileMode, Size = size });
        using var layer = OpenLayer(part.Image, part.Image.Layers.Count - 1);
        for (int read; (read = layer.Read(buffer)) > 0;)
            tar.Write(buffer.AsSpan(0, read));
    }
}
