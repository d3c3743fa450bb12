using Sampan.Linux;
using Sampan.Linux.Seccomp;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Filters;

/// <summary>A filter in the specification's words, for a runtime that compiles it itself.</summary>
internal static class SeccompWords
{
    private const uint DataMask = 0xffff;

    /// <summary>What <see cref="SeccompFilter.ForProfile"/> compiles, as <c>linux.seccomp</c>.</summary>
    /// <exception cref="RuntimeException">The profile is not sound.</exception>
    internal static Seccomp ForProfile(string profile, CapabilitySet bounding)
    {
        var kernel = Environment.OSVersion.Version;
        var native = SeccompArchitectures.Native;
        return profile == SeccompFilter.DefaultName ? Of(DefaultProfile.For(bounding, native, kernel)) : DockerProfile.Parse(profile).ToSpecification(bounding, native, kernel);
    }

    /// <summary>Writes a profile of ours. Pure.</summary>
    internal static Seccomp Of(SeccompProfile profile)
    {
        var (action, errno) = Action(profile.DefaultAction);
        return new Seccomp
        {
            DefaultAction = action,
            DefaultErrnoRet = errno,
            Architectures = [.. profile.Architectures.Select(Architecture)],
            Syscalls = [.. profile.Rules.Select(Rule)],
        };
    }

    private static Oci.Runtime.SeccompRule Rule(Linux.Seccomp.SeccompRule rule)
    {
        var (action, errno) = Action(rule.Action);
        return new Oci.Runtime.SeccompRule { Names = rule.Names, Action = action, ErrnoRet = errno, Args = [.. rule.Conditions.Select(Argument)] };
    }

    private static SeccompArgument Argument(SeccompCondition condition) => condition.Comparison == SeccompComparison.MaskedEqual
        ? new SeccompArgument { Index = (uint)condition.Argument, Op = "SCMP_CMP_MASKED_EQ", Value = condition.Mask, ValueTwo = condition.Value }
        : new SeccompArgument
        {
            Index = (uint)condition.Argument,
            Value = condition.Value,
            Op = condition.Comparison switch
            {
                SeccompComparison.Equal => "SCMP_CMP_EQ",
                SeccompComparison.NotEqual => "SCMP_CMP_NE",
                SeccompComparison.Less => "SCMP_CMP_LT",
                SeccompComparison.LessOrEqual => "SCMP_CMP_LE",
                SeccompComparison.Greater => "SCMP_CMP_GT",
                _ => "SCMP_CMP_GE",
            },
        };

    private static (string Name, uint? Errno) Action(SeccompAction action)
    {
        if (action == SeccompAction.Fail((ushort)(action.Value & DataMask)))
            return ("SCMP_ACT_ERRNO", action.Value & DataMask);
        if (action == SeccompAction.Trace((ushort)(action.Value & DataMask)))
            return ("SCMP_ACT_TRACE", action.Value & DataMask);
        return (action == SeccompAction.Allow ? "SCMP_ACT_ALLOW" : action == SeccompAction.Log ? "SCMP_ACT_LOG" : action == SeccompAction.Trap ? "SCMP_ACT_TRAP"
            : action == SeccompAction.KillProcess ? "SCMP_ACT_KILL_PROCESS" : action == SeccompAction.Notify ? "SCMP_ACT_NOTIFY" : "SCMP_ACT_KILL_THREAD", null);
    }

    private static string Architecture(SeccompArchitecture architecture) => architecture switch
    {
        SeccompArchitecture.X64 => "SCMP_ARCH_X86_64",
        SeccompArchitecture.X86 => "SCMP_ARCH_X86",
        SeccompArchitecture.X32 => "SCMP_ARCH_X32",
        _ => "SCMP_ARCH_AARCH64",
    };
}
