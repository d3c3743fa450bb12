using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Mounting;

namespace Sampan.Runtime.Launching;

/// <summary>Open things that a clone takes along, as a plan holds only values.</summary>
internal sealed record ContainerResources
{
    /// <summary>Standard streams of a program without terminal; null gives /dev/null.</summary>
    internal SafeFd?[] Streams { get; init; } = [null, null, null];

    /// <summary>The way into the container's cgroup, or null if it has none.</summary>
    internal CgroupJoin? Join { get; init; }

    /// <summary>The container's groups as it may see them.</summary>
    internal CgroupView? Cgroups { get; init; }

    /// <summary>Where the start comes from if not from the launcher: <c>create</c> ends before <c>start</c> comes.</summary>
    internal MessageListener? Gate { get; init; }

    /// <summary>True if the container must not outlive its launcher.</summary>
    internal bool DiesWithLauncher { get; init; }

    /// <summary>The runtime's own sealed program, to be the container's init; null if none is wanted.</summary>
    internal SafeFd? InitProgram { get; init; }

    /// <summary>Mounts that the launcher opened for the clone; null if there are none.</summary>
    internal PreparedTrees? Trees { get; init; }

    /// <summary>The namespaces joined by path; null if there are none.</summary>
    internal OpenNamespaces? Namespaces { get; init; }

    /// <summary>False where a user namespace denies setgroups(2): then the groups are those of the user, none of which counts inside.</summary>
    internal bool MaySetGroups { get; init; } = true;

    /// <summary>The container's state as hooks read it.</summary>
    internal ContainerState HookState { get; init; } = new();
}
