using System.Collections.ObjectModel;

namespace Sampan.Engine.Containers.Mounts;

/// <summary>One <c>--mount</c>.</summary>
public sealed record MountSpec
{
    /// <summary>What is mounted.</summary>
    public required MountKind Kind { get; init; }

    /// <summary>The absolute path inside.</summary>
    public required string Target { get; init; }

    /// <summary>The host's path, the volume's name or the image; null: an anonymous volume, or tmpfs.</summary>
    public string? Source { get; init; }

    /// <summary>It cannot be written through this mount.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Bind: how later mounts travel, such as <c>rslave</c>; null: <c>rprivate</c>.</summary>
    public string? Propagation { get; init; }

    /// <summary>How soon each side sees what the other writes, for engines in a virtual machine (reported, not acted on); null: not given.</summary>
    public string? Consistency { get; init; }

    /// <summary>Bind: mounts below the source do not come along.</summary>
    public bool NonRecursive { get; init; }

    /// <summary>Bind: the source is made if it is missing, as <c>-v</c> does.</summary>
    public bool CreateSource { get; init; }

    /// <summary>Bind, read-only: what is mounted below the source can be written nevertheless.</summary>
    public bool ReadOnlyNonRecursive { get; init; }

    /// <summary>Bind, read-only: an error if what is mounted below cannot be made read-only too. It always can here.</summary>
    public bool ReadOnlyForceRecursive { get; init; }

    /// <summary>Bind: the engine made the source for this container, so its files have the owners that containers see. Never by a user's word.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Bind and volume: other owners for its files; null: those they have.</summary>
    public IdMapSpec? IdMap { get; init; }

    /// <summary>Volume: an empty one is not filled from the image.</summary>
    public bool NoCopy { get; init; }

    /// <summary>Volume: labels if this mount creates it.</summary>
    public IReadOnlyDictionary<string, string> VolumeLabels { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Volume: the driver if this mount creates it; null: the container's, or local.</summary>
    public string? VolumeDriver { get; init; }

    /// <summary>Volume: options of the driver if this mount creates it.</summary>
    public IReadOnlyDictionary<string, string> VolumeOptions { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>Volume and image: a path inside; null: its top.</summary>
    public string? Subpath { get; init; }

    /// <summary>Tmpfs: bytes; null: the kernel's default, half of the memory.</summary>
    public long? TmpfsSize { get; init; }

    /// <summary>Tmpfs: the mode of its top directory; null: 01777.</summary>
    public int? TmpfsMode { get; init; }

    /// <summary>Tmpfs: further options in the words of mount(8), such as <c>exec</c> or <c>uid=33</c>.</summary>
    public IReadOnlyList<string> TmpfsOptions { get => field ?? []; init; }
}
