using Sampan.Engine.Containers;
using Sampan.Engine.Images;
using Sampan.Engine.Volumes;

namespace Sampan.Engine;

/// <summary>What takes room on the data root; sizes in bytes.</summary>
public sealed record DiskUsage
{
    /// <summary>All layers together.</summary>
    public long LayersSize { get; init; }

    /// <summary>Images with the number of containers made from each.</summary>
    public IReadOnlyList<(ImageSnapshot Image, int Containers)> Images { get; init; } = [];

    /// <summary>Containers with the size of their writable layers and of their whole filesystems.</summary>
    public IReadOnlyList<(ContainerSnapshot Container, long SizeRw, long SizeRootFs)> Containers { get; init; } = [];

    /// <summary>Volumes with their size and the number of containers that use each.</summary>
    public IReadOnlyList<(VolumeSnapshot Volume, long Size, int References)> Volumes { get; init; } = [];
}
