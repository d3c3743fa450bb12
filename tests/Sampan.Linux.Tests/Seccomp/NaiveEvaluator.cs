using Sampan.Linux.Seccomp;
using Sampan.Linux.Seccomp.Tables;

namespace Sampan.Linux.Tests.Seccomp;

/// <summary>Reads a profile word by word, with none of the compiler's cleverness.</summary>
internal static class NaiveEvaluator
{
    internal static SeccompAction Evaluate(SeccompProfile profile, SeccompArchitecture native, uint audit, uint number, params ReadOnlySpan<ulong> arguments)
    {
        var listed = profile.Architectures.Append(native).Where(one => one.AuditValue() == audit).ToHashSet();
        if (listed.Count == 0)
            return SeccompAction.KillProcess;

        var isX32 = audit == SeccompArchitecture.X64.AuditValue() && number >= 0x40000000;
        if (isX32 && !listed.Contains(SeccompArchitecture.X32))
            return SeccompAction.Fail(Errno.ENOSYS);
        var architecture = isX32 ? SeccompArchitecture.X32 : listed.Order().First();

        SeccompRule? unconditional = null;
        long newest = -1;
        var matched = new List<SeccompRule>();
        foreach (var rule in profile.Rules)
        {
            foreach (var name in rule.Names)
            {
                var known = Find(architecture, name);
                newest = Math.Max(newest, known);
                if (known == number && known >= 0)
                    matched.Add(rule);
            }
        }

        foreach (var rule in matched)
        {
            if (rule.Conditions.Count == 0)
                unconditional ??= rule;
            else if (Holds(rule.Conditions, arguments))
                return rule.Action;
        }

        if (unconditional is not null)
            return unconditional.Action;
        var denies = profile.DefaultAction.Value >> 16 is 0x8000 or 0 or 3 or 5;
        return newest >= 0 && number > newest && denies ? SeccompAction.Fail(Errno.ENOSYS) : profile.DefaultAction;
    }

    internal static int Find(SeccompArchitecture architecture, string name) => architecture switch
    {
        SeccompArchitecture.X64 => X64Calls.Find(name),
        SeccompArchitecture.X32 => X32Calls.Find(name),
        SeccompArchitecture.X86 => X86Calls.Find(name),
        _ => Arm64Calls.Find(name),
    };

    private static bool Holds(IReadOnlyList<SeccompCondition> conditions, ReadOnlySpan<ulong> arguments)
    {
        foreach (var one in conditions)
        {
            var argument = one.Argument < arguments.Length ? arguments[one.Argument] : 0;
            var holds = one.Comparison switch
            {
                SeccompComparison.Equal => argument == one.Value,
                SeccompComparison.NotEqual => argument != one.Value,
                SeccompComparison.Less => argument < one.Value,
                SeccompComparison.LessOrEqual => argument <= one.Value,
                SeccompComparison.Greater => argument > one.Value,
                SeccompComparison.GreaterOrEqual => argument >= one.Value,
                _ => (argument & one.Mask) == one.Value,
            };
            if (!holds)
                return false;
        }

        return true;
    }
}
