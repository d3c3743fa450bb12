using Sampan.Oci.Images;
using Sampan.Storage.Images.Attachments;

namespace Sampan.Storage.Images;

/// <summary>Statements about images (in-toto attestations), kept in the same index as what they are about.</summary>
public sealed partial class ImageStore
{
    private const string PredicateAnnotation = "in-toto.io/predicate-type";

    /// <summary>The statements about an image that are here.</summary>
    /// <param name="imageId">Which: the image for one platform.</param>
    /// <param name="content">Whether they are read as well.</param>
    /// <exception cref="StorageException">NotFound: no such image. Corrupt: a statement is larger than a document may be.</exception>
    public IReadOnlyList<ImageStatement> Statements(Digest imageId, bool content)
    {
        lock (_gate)
        {
            var own = Required(imageId.ToString()).Stored.Manifest?.Digest;
            var leaves = _names.Values.Select(name => name.Index).OfType<Descriptor>().DistinctBy(index => index.Digest).SelectMany(LeavesOf).DistinctBy(leaf => leaf.Digest);
            return
            [
                .. leaves.Where(leaf => ToMember(leaf) is { IsAttestation: true, Attests: { } subject } && subject == own)
                    .SelectMany(leaf => ManifestOf(leaf)?.Layers ?? [])
                    .Where(layer => layer.Annotation(PredicateAnnotation) is not null)
                    .Select(layer => new ImageStatement
                    {
                        Descriptor = layer,
                        PredicateType = layer.Annotation(PredicateAnnotation) ?? "",
                        Content = content && _content.Contains(layer.Digest) ? _content.ReadDocument(layer.Digest, MaxStatementBytes) : null,
                    }),
            ];
        }
    }

    // A bill of materials of a large image has some megabytes.
    private const int MaxStatementBytes = 64 << 20;
}
