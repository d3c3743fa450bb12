using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Launching;

/// <summary>Open things that a process takes along which enters a running container.</summary>
internal sealed record EntryResources
{
    /// <summary>The container's init, whose namespaces are joined.</summary>
    internal required PidFd Init { get; init; }

    /// <summary>Namespaces that the container has of its own.</summary>
    internal required NamespaceTypes Namespaces { get; init; }

    /// <summary>Those of them that the clone is born in.</summary>
    internal NamespaceTypes Entered { get; init; } = NamespaceTypes.Pid;

    /// <summary>False where the container's user namespace denies setgroups(2).</summary>
    internal bool MaySetGroups { get; init; } = true;

    /// <summary>Name of the container's session keyring, or null to keep the launcher's.</summary>
    internal string? SessionKeyring { get; init; }

    /// <summary>The way into the container's cgroup.</summary>
    internal CgroupJoin? Join { get; init; }

    /// <summary>Standard streams of a program without terminal; null gives what the launcher has.</summary>
    internal SafeFd?[] Streams { get; init; } = [null, null, null];

    /// <summary>True if the process must not outlive its launcher.</summary>
    internal bool DiesWithLauncher { get; init; }
}
