namespace Sampan.Engine.Containers.Mounts;

/// <summary>One mount of a container as it was resolved at creation.</summary>
public sealed record MountPoint
{
    /// <summary>What is mounted.</summary>
    public required MountKind Kind { get; init; }

    /// <summary>The volume's name; null: not a volume.</summary>
    public string? VolumeName { get; init; }

    /// <summary>The driver of the volume; null: local, or not a volume.</summary>
    public string? Driver { get; init; }

    /// <summary>The path on the host; the name of an image; empty for tmpfs and for a volume whose driver says where it is when it mounts it.</summary>
    public required string Source { get; init; }

    /// <summary>The absolute path inside.</summary>
    public required string Destination { get; init; }

    /// <summary>The options as the user gave them, for inspect; empty when none.</summary>
    public string Mode { get => field ?? ""; init; }

    /// <summary>It can be written.</summary>
    public bool Writable { get; init; } = true;

    /// <summary>How later mounts travel; empty for volumes and tmpfs.</summary>
    public string Propagation { get => field ?? ""; init; }

    /// <summary>The volume was made for this container and goes with it.</summary>
    public bool Anonymous { get; init; }

    /// <summary>Bind: mounts below the source do not come along.</summary>
    public bool NonRecursive { get; init; }

    /// <summary>Bind: what is mounted below can be written though the mount is read-only.</summary>
    public bool ReadOnlyNonRecursive { get; init; }

    /// <summary>Volume and image: a path inside, looked up at each start; null: its top.</summary>
    public string? Subpath { get; init; }

    /// <summary>Bind: the engine made the source, see <see cref="MountSpec.IsOwn"/>.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Other owners for its files; null: those they have.</summary>
    public IdMapSpec? IdMap { get; init; }

    /// <summary>Image: the key of the snapshot that holds it; null: not an image.</summary>
    public string? SnapshotKey { get; init; }

    /// <summary>The volume is filled from the image if it is empty at the first start.</summary>
    public bool CopyUp { get; init; }

    /// <summary>Bind: the source is made as a directory at each start if it is missing.</summary>
    public bool CreateSource { get; init; }

    /// <summary>Tmpfs: options for mount(8).</summary>
    public IReadOnlyList<string> TmpfsOptions { get => field ?? []; init; }
}
