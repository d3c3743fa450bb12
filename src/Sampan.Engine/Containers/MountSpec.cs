using System.Collections.ObjectModel;

namespace Sampan.Engine.Containers;

/// <summary>One <c>--mount</c>.</summary>
public sealed record MountSpec
{
    /// <summary>What is mounted.</summary>
    public required MountKind Kind { get; init; }

    /// <summary>The absolute path inside.</summary>
    public required string Target { get; init; }

    /// <summary>The host's path or the volume's name; null: an anonymous volume, or tmpfs.</summary>
    public string? Source { get; init; }

    /// <summary>It cannot be written through this mount.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Bind: how later mounts travel, such as <c>rslave</c>; null: <c>rprivate</c>.</summary>
    public string? Propagation { get; init; }

    /// <summary>Bind: mounts below the source do not come along.</summary>
    public bool NonRecursive { get; init; }

    /// <summary>Bind: the source is made if it is missing, as <c>-v</c> does.</summary>
    public bool CreateSource { get; init; }

    /// <summary>Volume: an empty one is not filled from the image.</summary>
    public bool NoCopy { get; init; }

    /// <summary>Volume: labels if this mount creates it.</summary>
    public IReadOnlyDictionary<string, string> VolumeLabels { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Volume: a directory inside it; null: its top.</summary>
    public string? VolumeSubpath { get; init; }

    /// <summary>Tmpfs: bytes; null: the kernel's default, half of the memory.</summary>
    public long? TmpfsSize { get; init; }

    /// <summary>Tmpfs: the mode of its top directory; null: 01777.</summary>
    public int? TmpfsMode { get; init; }
}
