using Sampan.Linux;
using Sampan.Linux.Seccomp;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;
using FilterRule = Sampan.Linux.Seccomp.SeccompRule;

namespace Sampan.Runtime.Filters;

/// <summary>
/// <c>linux.seccomp</c> of the specification as a profile for the compiler. Pure
/// (<see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#seccomp">the specification</see>).
/// </summary>
internal static class SeccompConversion
{
    internal static SeccompProfile FromSpecification(Seccomp seccomp)
    {
        var flags = Flags(seccomp.Flags);
        if (Notifies(seccomp))
        {
            RequireListener(seccomp);
            // The kernel gives no listener for a filter on all threads; the process has but one.
            flags = (flags & ~SeccompFlags.AllThreads) | SeccompFlags.NewListener;
        }
        else if (flags.HasFlag(SeccompFlags.WaitKillable))
        {
            throw Refuse("linux.seccomp.flags: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is for filters with SCMP_ACT_NOTIFY");
        }
        return new SeccompProfile
        {
            DefaultAction = Action(seccomp.DefaultAction, seccomp.DefaultErrnoRet, "the default action"),
            Architectures = Architectures(seccomp.Architectures),
            Rules = [.. seccomp.Syscalls.SelectMany(Rules)],
            Flags = flags,
        };
    }

    /// <summary>True if some call waits for an agent.</summary>
    internal static bool Notifies(Seccomp seccomp) => seccomp.DefaultAction == Notify || seccomp.Syscalls.Any(rule => rule.Action == Notify);

    private const string Notify = "SCMP_ACT_NOTIFY";

    /// <summary>The one call with which a filtered process hands its listener over: waiting for an agent in it would last for ever.</summary>
    private const string HandingOver = "sendmsg";

    private static void RequireListener(Seccomp seccomp)
    {
        if (seccomp.ListenerPath is not { Length: > 0 })
            throw Refuse("linux.seccomp.listenerPath is missing: the filter has SCMP_ACT_NOTIFY, and somebody must answer");
        if (seccomp.DefaultAction == Notify)
            throw Refuse("linux.seccomp.defaultAction cannot be SCMP_ACT_NOTIFY: the process could not even hand its listener over");
        if (seccomp.Syscalls.Any(rule => rule.Action == Notify && rule.Names.Contains(HandingOver)))
            throw Refuse($"linux.seccomp.syscalls: SCMP_ACT_NOTIFY cannot be used for {HandingOver}, with which the process hands its listener over");
    }

    internal static readonly string[] ActionNames =
    [
        "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP", "SCMP_ACT_ERRNO", "SCMP_ACT_TRACE", "SCMP_ACT_ALLOW",
        "SCMP_ACT_LOG", Notify,
    ];

    internal static readonly string[] ComparisonNames =
        ["SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"];

    internal static readonly string[] FlagNames =
        ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"];

    /// <summary>The architectures of libseccomp 2.6, most of which no machine of ours can be called by.</summary>
    internal static readonly string[] ArchitectureNames =
    [
        "SCMP_ARCH_NATIVE", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64",
        "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64",
        "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",
        "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
    ];

    // Documents list what some other machine has too (MIPS, s390): no program can reach us by those.
    private static IReadOnlyList<SeccompArchitecture> Architectures(IReadOnlyList<string> names)
    {
        var known = new List<SeccompArchitecture>();
        foreach (var name in names)
        {
            if (!name.StartsWith("SCMP_ARCH_", StringComparison.Ordinal))
                throw Refuse($"the seccomp architecture '{name}' is not known");
            if (SeccompArchitectures.TryParse(name, out var architecture))
                known.Add(architecture);
        }

        return known;
    }

    private static IEnumerable<FilterRule> Rules(Oci.Runtime.SeccompRule rule)
    {
        if (rule.Names.Count == 0)
            throw Refuse("a rule of linux.seccomp has no names");
        var action = Action(rule.Action, rule.ErrnoRet, $"the action for '{rule.Names[0]}'");
        var conditions = Lists.Convert(rule.Args, Condition);

        // Several conditions on one argument are meant as alternatives: runc made it so because libseccomp could not join them, and profiles rely on it.
        if (Repeats(conditions))
            return Lists.Convert(conditions, one => new FilterRule { Names = rule.Names, Action = action, Conditions = [one] });
        return [new FilterRule { Names = rule.Names, Action = action, Conditions = conditions }];
    }

    private static bool Repeats(SeccompCondition[] conditions)
    {
        for (var i = 1; i < conditions.Length; i++)
        {
            for (var before = 0; before < i; before++)
            {
                if (conditions[before].Argument == conditions[i].Argument)
                    return true;
            }
        }

        return false;
    }

    private static SeccompCondition Condition(SeccompArgument argument) => argument.Op switch
    {
        "SCMP_CMP_EQ" => new((int)argument.Index, SeccompComparison.Equal, argument.Value),
        "SCMP_CMP_NE" => new((int)argument.Index, SeccompComparison.NotEqual, argument.Value),
        "SCMP_CMP_LT" => new((int)argument.Index, SeccompComparison.Less, argument.Value),
        "SCMP_CMP_LE" => new((int)argument.Index, SeccompComparison.LessOrEqual, argument.Value),
        "SCMP_CMP_GT" => new((int)argument.Index, SeccompComparison.Greater, argument.Value),
        "SCMP_CMP_GE" => new((int)argument.Index, SeccompComparison.GreaterOrEqual, argument.Value),
        "SCMP_CMP_MASKED_EQ" => new((int)argument.Index, SeccompComparison.MaskedEqual, argument.ValueTwo, argument.Value),
        var other => throw Refuse($"the seccomp comparison '{other}' is not known"),
    };

    private static SeccompAction Action(string name, uint? number, string whose)
    {
        if (number is > ushort.MaxValue)
            throw Refuse($"errnoRet {number} of {whose} is out of range");
        var value = (ushort)(number ?? (uint)Errno.EPERM);
        if (name is "SCMP_ACT_ERRNO")
            return SeccompAction.Fail(value);
        if (name is "SCMP_ACT_TRACE")
            return SeccompAction.Trace(value);
        if (number is not null and not 0)
            throw Refuse($"{whose} is '{name}', which takes no errnoRet");
        return name switch
        {
            "SCMP_ACT_ALLOW" => SeccompAction.Allow,
            "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" => SeccompAction.KillThread,
            "SCMP_ACT_KILL_PROCESS" => SeccompAction.KillProcess,
            "SCMP_ACT_TRAP" => SeccompAction.Trap,
            "SCMP_ACT_LOG" => SeccompAction.Log,
            Notify => SeccompAction.Notify,
            _ => throw Refuse($"{whose} is '{name}', which is not known"),
        };
    }

    private static SeccompFlags Flags(IReadOnlyList<string> names)
    {
        // Without the member runc lets speculation be, as kernels since 5.16 do by themselves.
        var flags = names.Count == 0 ? SeccompFlags.SpeculationAllowed : SeccompFlags.None;
        foreach (var name in names)
        {
            flags |= name switch
            {
                "SECCOMP_FILTER_FLAG_TSYNC" => SeccompFlags.AllThreads,
                "SECCOMP_FILTER_FLAG_LOG" => SeccompFlags.Log,
                "SECCOMP_FILTER_FLAG_SPEC_ALLOW" => SeccompFlags.SpeculationAllowed,
                "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" => SeccompFlags.WaitKillable,
                var other => throw Refuse($"the seccomp flag '{other}' is not supported"),
            };
        }

        return flags;
    }

    private static RuntimeException Refuse(string message) => new("filter", message);
}
