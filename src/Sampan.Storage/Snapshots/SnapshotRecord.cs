using Sampan.Oci.Images;

namespace Sampan.Storage.Snapshots;

/// <summary>A writable snapshot on top of layers. It keeps those layers alive, also when the image is removed by force.</summary>
internal sealed record SnapshotRecord
{
    /// <summary>Who made it: <c>overlay</c> or <c>copy</c>.</summary>
    public required string Driver { get; init; }

    /// <summary>The chain identities of the layers below, lowest first.</summary>
    public required IReadOnlyList<Digest> Layers { get; init; }

    /// <summary>The number by which the kernel counts what it holds; null: it has no limit.</summary>
    public uint? Project { get; init; }
}
