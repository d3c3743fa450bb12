using Sampan.Linux;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Launching;

/// <summary>What becomes of a clone at the end: everything the last steps before execve need, computed before the clone.</summary>
internal sealed record ProcessPlan
{
    internal required IReadOnlyList<string> Args { get; init; }

    internal required IReadOnlyList<string> Env { get; init; }

    internal required string Cwd { get; init; }

    internal required uint Uid { get; init; }

    internal required uint Gid { get; init; }

    internal required uint[] Groups { get; init; }

    internal required uint Umask { get; init; }

    internal bool Terminal { get; init; }

    internal ConsoleSize? ConsoleSize { get; init; }

    internal required IReadOnlyList<LimitPlan> Limits { get; init; }

    internal int? OomScoreAdj { get; init; }

    /// <summary>Policy of the scheduler, or null to inherit it.</summary>
    internal Scheduling? Scheduling { get; init; }

    /// <summary>Class and level of input and output, or null to inherit them.</summary>
    internal (int Class, int Level)? IoPriority { get; init; }

    /// <summary>Processors while a container is entered, before its control group is joined; null for those of the runtime.</summary>
    internal ulong[]? InitialAffinity { get; init; }

    /// <summary>Processors of a program that entered a container, or null for those of the control group.</summary>
    internal ulong[]? FinalAffinity { get; init; }

    internal bool NoNewPrivileges { get; init; }

    /// <summary>What security modules call the process.</summary>
    internal IReadOnlyList<SecurityLabels> Labels { get; init; } = [];

    internal required CapabilityPlan Capabilities { get; init; }

    /// <summary>The compiled system call filter, or null for none.</summary>
    internal SeccompFilter? Filter { get; init; }

    /// <summary>True to run the program under the runtime's own small init, which reaps orphans and passes signals on.</summary>
    internal bool UnderInit { get; init; }

    /// <summary>Descriptors 3 to 2+n of the runtime are given to the program as they are.</summary>
    internal int PreservedDescriptors { get; init; }
}

/// <summary>One resource limit, its name understood.</summary>
internal readonly record struct LimitPlan(int Resource, string Name, ulong Soft, ulong Hard);

/// <summary>The five capability sets as masks.</summary>
internal sealed record CapabilityPlan(CapabilitySet Bounding, CapabilitySet Effective, CapabilitySet Permitted, CapabilitySet Inheritable, CapabilitySet Ambient);
