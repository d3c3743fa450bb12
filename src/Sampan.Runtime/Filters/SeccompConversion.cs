using Sampan.Linux;
using Sampan.Linux.Seccomp;
using Sampan.Oci.Runtime;
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
        if (seccomp.ListenerPath is { Length: > 0 } || seccomp.ListenerMetadata is { Length: > 0 })
            throw Refuse("linux.seccomp.listenerPath is not supported");
        return new SeccompProfile
        {
            DefaultAction = Action(seccomp.DefaultAction, seccomp.DefaultErrnoRet, "the default action"),
            Architectures = Architectures(seccomp.Architectures),
            Rules = [.. seccomp.Syscalls.SelectMany(Rules)],
            Flags = Flags(seccomp.Flags),
        };
    }

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
        var conditions = rule.Args.Select(Condition).ToArray();

        // Several conditions on one argument are meant as alternatives: runc made it so because libseccomp could not join them, and profiles rely on it.
        if (conditions.DistinctBy(one => one.Argument).Count() < conditions.Length)
            return conditions.Select(one => new FilterRule { Names = rule.Names, Action = action, Conditions = [one] });
        return [new FilterRule { Names = rule.Names, Action = action, Conditions = conditions }];
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
            "SCMP_ACT_NOTIFY" => throw Refuse($"{whose} is 'SCMP_ACT_NOTIFY', which is not supported"),
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
                var other => throw Refuse($"the seccomp flag '{other}' is not supported"),
            };
        }

        return flags;
    }

    private static RuntimeException Refuse(string message) => new("filter", message);
}
