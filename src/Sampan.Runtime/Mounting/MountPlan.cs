using Sampan.Linux.Mounts;

namespace Sampan.Runtime.Mounting;

/// <summary>One mount of the specification with its options understood.</summary>
internal sealed record MountPlan
{
    /// <summary>Path inside the container.</summary>
    internal required string Destination { get; init; }

    /// <summary>File system type; <c>bind</c> for binds.</summary>
    internal required string Type { get; init; }

    /// <summary>What is mounted: a path of the host for binds.</summary>
    internal required string? Source { get; init; }

    /// <summary>True for a bind with everything mounted below its source.</summary>
    internal bool Recursive { get; init; }

    /// <summary>Attributes of the mount itself.</summary>
    internal MountAttributes Set { get; init; }

    /// <summary>Attributes taken from the mount itself.</summary>
    internal MountAttributes Clear { get; init; }

    /// <summary>Attributes of the mount and those below it.</summary>
    internal MountAttributes RecursiveSet { get; init; }

    /// <summary>Attributes taken from the mount and those below it.</summary>
    internal MountAttributes RecursiveClear { get; init; }

    /// <summary>Propagation of the mount.</summary>
    internal MountPropagation Propagation { get; init; } = MountPropagation.Private;

    /// <summary>True if those below get the propagation too.</summary>
    internal bool PropagationRecursive { get; init; } = true;

    /// <summary>Options for the file system itself; a null value is a flag.</summary>
    internal IReadOnlyList<KeyValuePair<string, string?>> Data { get; init; } = [];

    /// <summary>SELinux label of the root alone, for a file system that cannot be made with one; null: its own.</summary>
    internal string? RootLabel { get; init; }

    /// <summary><c>copyup</c>: an empty bind source first takes over what the image has at the destination.</summary>
    internal bool CopyUp { get; init; }

    /// <summary><c>tmpcopyup</c>: a tmpfs first takes over what the image has at the destination.</summary>
    internal bool TmpCopyUp { get; init; }

    /// <summary><c>remount</c>: what is mounted at the destination already is changed.</summary>
    internal bool IsRemount { get; init; }

    /// <summary><c>x-sampan.subpath=PATH</c>: only this of the source is mounted, looked up beneath it as if it were the root; null: all of it.</summary>
    internal string? Subpath { get; init; }

    /// <summary><c>x-sampan.mount-namespace=PATH</c>: the source is a path of that mount namespace, another container's; null: of the launcher's.</summary>
    internal string? MountNamespace { get; init; }

    /// <summary>Other owners for the files, or null for those they have.</summary>
    internal IdMapPlan? IdMap { get; init; }

    /// <summary>True if what is mounted on the host below the source shows in the container.</summary>
    internal bool FollowsHost => Propagation is MountPropagation.Slave or MountPropagation.Shared;

    internal bool IsBind => Type == "bind";
}
