namespace Sampan.Linux;

/// <summary>A kernel call failed: which call, on what, and why.</summary>
/// <param name="call">The act in the reader's words or the kernel's name of the call, for example <c>mount 'proc' on '/proc'</c>.</param>
/// <param name="errno">The kernel's reason.</param>
/// <param name="operand">What the call worked on (a path, a pid, an interface), or null if the call names it.</param>
public sealed class LinuxException(string call, Errno errno, string? operand = null)
    : Exception(Describe(call, errno, operand))
{
    /// <summary>The act that failed.</summary>
    public string Call { get; } = call;

    /// <summary>The kernel's reason.</summary>
    public Errno Errno { get; } = errno;

    /// <summary>What the call worked on, or null.</summary>
    public string? Operand { get; } = operand;

    private static string Describe(string call, Errno errno, string? operand) =>
        operand is null
            ? $"cannot {call}: {errno.Describe()}"
            : $"cannot {call} '{operand}': {errno.Describe()}";
}
