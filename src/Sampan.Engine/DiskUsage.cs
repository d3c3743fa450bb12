using Sampan.Engine.Containers;
using Sampan.Engine.Images;
using Sampan.Engine.Volumes;

namespace Sampan.Engine;

/// <summary>What takes room on the data root: blocks on disk, in bytes, each counted once (see <see cref="Stores.StoreOperations.Ledger"/>).</summary>
public sealed record DiskUsage
{
    /// <summary>All images together: layers, blobs and records, each once.</summary>
    public long LayersSize { get; init; }

    /// <summary>What of that could be pruned.</summary>
    public long ReclaimableLayers { get; init; }

    /// <summary>Images with the number of containers made from each, what each takes on disk, and how much of that others take too.</summary>
    public IReadOnlyList<(ImageSnapshot Image, int Containers, long Size, long SharedSize)> Images { get; init; } = [];

    /// <summary>Containers with what each wrote, its log and its record, and the same with its image.</summary>
    public IReadOnlyList<(ContainerSnapshot Container, long SizeRw, long SizeRootFs)> Containers { get; init; } = [];

    /// <summary>Volumes with their size and the number of containers that use each.</summary>
    public IReadOnlyList<(VolumeSnapshot Volume, long Size, int References)> Volumes { get; init; } = [];
}
