using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Validation;

/// <summary><c>process</c> of the specification.</summary>
internal static partial class SpecValidator
{
    private const uint UmaskMax = 0x1ff; // 0777

    /// <summary>Adds what is wrong with a process; for exec too.</summary>
    internal static void Validate(OciProcess process, SpecProblems problems)
    {
        if (process.Args.Count == 0)
            problems.Add("process.args", "is empty: there is nothing to run");
        problems.Texts("process.args", process.Args);
        problems.Texts("process.env", process.Env);
        problems.AbsolutePath("process.cwd", process.Cwd);
        Validate(process.User, problems);
        foreach (var (name, set) in CapabilityNames(process.Capabilities ?? new CapabilitySets()))
            problems.Texts("process.capabilities." + name, set);
        ValidateLimits(process.Rlimits, problems);
        if (process.OomScoreAdj is { } badness)
            problems.Range("process.oomScoreAdj", badness, -1000, 1000);
        if (process.ApparmorProfile is { } profile)
            problems.Text("process.apparmorProfile", profile, SpecProblems.PathMaxBytes);
        if (process.SelinuxLabel is { } label)
            problems.Text("process.selinuxLabel", label, SpecProblems.PathMaxBytes);
        if (process.Scheduler is { } scheduler)
            Validate(scheduler, problems);
        if (process.IoPriority is { } priority)
        {
            problems.Word("process.ioPriority.class", priority.Class, SchedulingWords.Classes);
            problems.Range("process.ioPriority.priority", priority.Priority, 0, 7);
        }
        ValidateCpus("process.execCPUAffinity.initial", process.ExecCpuAffinity?.Initial, problems);
        ValidateCpus("process.execCPUAffinity.final", process.ExecCpuAffinity?.Final, problems);
    }

    private static IEnumerable<(string, IReadOnlyList<string>)> CapabilityNames(CapabilitySets sets) =>
        [("bounding", sets.Bounding), ("effective", sets.Effective), ("inheritable", sets.Inheritable), ("permitted", sets.Permitted), ("ambient", sets.Ambient)];

    private static void Validate(OciUser user, SpecProblems problems)
    {
        problems.Id("process.user.uid", user.Uid);
        problems.Id("process.user.gid", user.Gid);
        problems.Each("process.user.additionalGids", user.AdditionalGids, (path, gid) => problems.Id(path, gid));
        if (user.Umask is > UmaskMax)
            problems.Add("process.user.umask", $"{user.Umask} has more than the nine bits of permissions");
    }

    private static void ValidateLimits(IReadOnlyList<Rlimit> limits, SpecProblems problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        problems.Each("process.rlimits", limits, (path, limit) =>
        {
            if (!problems.Word(path + ".type", limit.Type, ProcessPlanner.LimitNames))
                return;
            if (!seen.Add(limit.Type))
                problems.Add(path + ".type", $"{SpecProblems.Quote(limit.Type)} appears twice");
            if (limit.Soft > limit.Hard)
                problems.Add(path + ".soft", $"{limit.Soft} is above the hard limit {limit.Hard}");
        });
    }

    private static void Validate(Scheduler scheduler, SpecProblems problems)
    {
        const string Path = "process.scheduler";
        problems.Word(Path + ".policy", scheduler.Policy, SchedulingWords.Policies);
        problems.Each(Path + ".flags", scheduler.Flags, (path, flag) => problems.Word(path, flag, SchedulingWords.Flags));
        problems.Range(Path + ".nice", scheduler.Nice, -20, 19);
        if (SchedulingWords.IsRealTime(scheduler.Policy))
            problems.Range(Path + ".priority", scheduler.Priority, 1, 99);
        else if (scheduler.Priority != 0)
            problems.Add(Path + ".priority", $"{scheduler.Priority} is for SCHED_FIFO and SCHED_RR only");
        if (!SchedulingWords.IsDeadline(scheduler.Policy) && (scheduler.Runtime | scheduler.Deadline | scheduler.Period) != 0)
            problems.Add(Path, "runtime, deadline and period are for SCHED_DEADLINE only");
    }

    private static void ValidateCpus(string path, string? list, SpecProblems problems)
    {
        if (list is { Length: > 0 } && !CpuList.TryParse(list, out _))
            problems.Add(path, $"{SpecProblems.Quote(list)} is not a list of cpus such as 0-3,7, each below {CpuList.MaxCpus}");
    }
}
