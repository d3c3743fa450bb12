using Sampan.Linux.Mounts;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Mounting;

namespace Sampan.Runtime.Launching;

/// <summary>Everything that is to be done to make a container, computed from the specification before the clone, so that the clone only does it.</summary>
internal sealed record LaunchPlan
{
    /// <summary>Namespaces made by the clone itself.</summary>
    internal required NamespaceTypes NewNamespaces { get; init; }

    /// <summary>True if the child makes a cgroup namespace: after it joined its group, which becomes the root of the view.</summary>
    internal required bool NewCgroupNamespace { get; init; }

    /// <summary>The ids of a new user namespace, or null if there is none.</summary>
    internal UserMaps? UserMaps { get; init; }

    /// <summary>The clocks of a new time namespace, or null if there is none; the child makes it, as offsets can be set only before anybody is in it.</summary>
    internal IReadOnlyList<(string Clock, long Seconds, uint Nanoseconds)>? TimeOffsets { get; init; }

    /// <summary>Namespaces joined by path; a pid namespace is joined by the launcher, around the clone.</summary>
    internal required IReadOnlyList<NamespacePath> JoinedNamespaces { get; init; }

    /// <summary>True if ids inside are others than outside: in a user namespace that is made, or joined.</summary>
    internal bool HasUserNamespace => UserMaps is not null || Joins(NamespaceTypes.User);

    /// <summary>True if a go-between joins namespaces before the clone: those made belong to the user namespace that is joined, or those joined not to the one that is made.</summary>
    internal bool IsBornInside => Joins(NamespaceTypes.User) || (UserMaps is not null && JoinedNamespaces.Count > 0);

    /// <summary>Where the root filesystem lies or is mounted, on the host.</summary>
    internal required string RootDirectory { get; init; }

    /// <summary>What makes the root; empty if the directory is it already.</summary>
    internal required IReadOnlyList<MountPlan> RootfsMounts { get; init; }

    internal required bool RootReadOnly { get; init; }

    /// <summary>Propagation of all mounts of the namespace, given before anything is mounted.</summary>
    internal required (MountPropagation Kind, bool Recursive) Propagation { get; init; }

    /// <summary>Propagation of the root itself: a slave follows the host; anything else it gets after the pivot, which a shared one would hinder. Null for private.</summary>
    internal (MountPropagation Kind, bool Recursive)? RootPropagation { get; init; }

    internal required IReadOnlyList<MountPlan> Mounts { get; init; }

    internal required IReadOnlyList<Device> Devices { get; init; }

    /// <summary>False if /dev is bound from the host: then nothing is made in it.</summary>
    internal required bool MakeDevices { get; init; }

    internal required IReadOnlyList<string> MaskedPaths { get; init; }

    internal required IReadOnlyList<string> ReadonlyPaths { get; init; }

    /// <summary>Kernel parameters, names as paths below <c>sys/</c> of procfs.</summary>
    internal required IReadOnlyList<KeyValuePair<string, string>> Sysctl { get; init; }

    internal string? Hostname { get; init; }

    internal string? Domainname { get; init; }

    internal uint? Personality { get; init; }

    /// <summary>Name of the session keyring that the container gets, or null to keep the launcher's.</summary>
    internal string? SessionKeyring { get; init; }

    internal required Hooks Hooks { get; init; }

    /// <summary>False on an initramfs: the root is moved instead of pivoted.</summary>
    internal bool Pivot { get; init; } = true;

    internal required ProcessPlan Process { get; init; }

    /// <summary>True if what is mounted on the host below the root's directory shows in the container.</summary>
    internal bool RootFollowsHost => RootPropagation is { Kind: MountPropagation.Slave };

    private bool Joins(NamespaceTypes type)
    {
        foreach (var one in JoinedNamespaces)
        {
            if (one.Type == type)
                return true;
        }
        return false;
    }

    internal bool HasNewMountNamespace => NewNamespaces.HasFlag(NamespaceTypes.Mount);
}

/// <summary>A namespace to join.</summary>
internal readonly record struct NamespacePath(NamespaceTypes Type, string Path);
