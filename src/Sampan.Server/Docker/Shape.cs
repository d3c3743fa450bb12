namespace Sampan.Server.Docker;

/// <summary>A body of the API whose shape has changed between versions; see <see cref="ApiVersionShims"/>.</summary>
internal enum Shape
{
    /// <summary>No rewrite applies.</summary>
    Any,

    /// <summary>The request that creates a container.</summary>
    ContainerCreate,

    /// <summary>A container in full.</summary>
    ContainerInspect,

    /// <summary>Containers in a list.</summary>
    ContainerList,

    /// <summary>An image in full.</summary>
    ImageInspect,

    /// <summary>Images in a list.</summary>
    ImageList,

    /// <summary>What the engine tells of itself.</summary>
    Info,

    /// <summary>One event.</summary>
    Event,

    /// <summary>What uses the disk.</summary>
    DiskUsage,

    /// <summary>One network.</summary>
    NetworkInspect,

    /// <summary>A list of networks.</summary>
    NetworkList,

    /// <summary>The request that changes a container.</summary>
    UpdateRequest,

    /// <summary>The requests that make and start an exec.</summary>
    ExecRequest,

    /// <summary>The request that makes a network.</summary>
    NetworkCreate,

    /// <summary>The request that makes a volume.</summary>
    VolumeCreate,
}
