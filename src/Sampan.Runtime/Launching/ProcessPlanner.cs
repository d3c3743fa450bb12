using Sampan.Linux;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Launching;

/// <summary>Turns a process of the specification into a plan; for a container's first process and for exec alike.</summary>
internal static class ProcessPlanner
{
    private const uint DefaultUmask = 0x12; // 0022

    private static readonly string[] s_limits =
    [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC", "RLIMIT_NOFILE",
        "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ];

    internal static ProcessPlan Plan(OciProcess process, Seccomp? seccomp, CapabilitySet held) => new()
    {
        Args = process.Args,
        Env = process.Env,
        Cwd = process.Cwd.Length == 0 ? "/" : process.Cwd,
        Uid = process.User.Uid,
        Gid = process.User.Gid,
        Groups = [.. process.User.AdditionalGids],
        Umask = process.User.Umask ?? DefaultUmask,
        Terminal = process.Terminal,
        ConsoleSize = process.ConsoleSize is { Height: > 0, Width: > 0 } size ? size : null,
        Limits = Lists.Convert(process.Rlimits, Limit),
        OomScoreAdj = process.OomScoreAdj,
        Scheduling = process.Scheduler is { } scheduler ? SchedulingWords.Read(scheduler) : null,
        IoPriority = process.IoPriority is { } priority ? SchedulingWords.Read(priority) : null,
        InitialAffinity = SchedulingWords.ReadCpus(process.ExecCpuAffinity?.Initial),
        FinalAffinity = SchedulingWords.ReadCpus(process.ExecCpuAffinity?.Final),
        NoNewPrivileges = process.NoNewPrivileges,
        Labels = SecurityLabels.Of(process),
        Capabilities = Capabilities(process.Capabilities ?? new CapabilitySets(), held),
        Filter = seccomp is null ? null : SeccompFilter.Compile(seccomp),
    };

    /// <summary>The limits of the kernel.</summary>
    internal static IReadOnlyList<string> LimitNames => s_limits;

    private static LimitPlan Limit(Rlimit limit) => new(Array.IndexOf(s_limits, limit.Type), limit.Type, limit.Soft, limit.Hard);

    /// <summary>
    /// What is asked and held. What is not held cannot be given, whoever asks: the container then lacks it, as with runc. The inheritable and the
    /// ambient set stay within the permitted one; both are empty unless asked for (CVE-2022-24769).
    /// </summary>
    private static CapabilityPlan Capabilities(CapabilitySets sets, CapabilitySet held)
    {
        var permitted = Read(sets.Permitted).Intersect(held);
        var inheritable = Read(sets.Inheritable).Intersect(held);
        return new CapabilityPlan(
            Read(sets.Bounding), Read(sets.Effective).Intersect(permitted), permitted, inheritable, Read(sets.Ambient).Intersect(permitted).Intersect(inheritable));
    }

    private static CapabilitySet Read(IReadOnlyList<string> names)
    {
        var set = CapabilitySet.None;
        foreach (var name in names)
        {
            // A newer capability than this kernel knows cannot be granted: runc warns and goes on.
            if (CapabilityNames.TryParse(name, out var capability))
                set = set.With(capability);
        }
        return set;
    }

    /// <summary>The capabilities that are asked for and cannot be given: unknown to this build, or not held.</summary>
    internal static IReadOnlyList<string> Unavailable(CapabilitySets? sets, CapabilitySet held)
    {
        if (sets is null)
            return [];
        return [.. new[] { sets.Bounding, sets.Effective, sets.Inheritable, sets.Permitted, sets.Ambient }.SelectMany(names => names)
            .Where(name => !CapabilityNames.TryParse(name, out var capability) || !held.Contains(capability))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
