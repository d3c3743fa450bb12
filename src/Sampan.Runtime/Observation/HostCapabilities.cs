using Sampan.Linux;
using Sampan.Linux.Proc;

namespace Sampan.Runtime.Observation;

/// <summary>The capabilities there are, and those that this machine lets the engine hand on.</summary>
public static class HostCapabilities
{
    /// <summary>Every capability by its kernel name, in the kernel's order.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. CapabilitySet.All.Items().Select(CapabilityNames.ToName)];

    /// <summary>What a process made by this one can have: its bounding set cut with its permitted set.</summary>
    /// <exception cref="LinuxException">/proc is not there or not as documented.</exception>
    public static IReadOnlySet<string> Grantable()
    {
        var own = ProcessStatus.Read(Environment.ProcessId);
        if (own is not { Bounding: { } bounding, Permitted: { } permitted })
            throw new LinuxException("read own capabilities", Errno.ENOENT, "/proc/self/status");
        return bounding.Intersect(permitted).Items().Select(CapabilityNames.ToName).ToHashSet();
    }
}
