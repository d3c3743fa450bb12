namespace Sampan.Linux.Processes;

/// <summary>How a process ended.</summary>
/// <param name="Status">The exit status, or the number of the signal that ended the process.</param>
/// <param name="Signaled">True if a signal ended the process.</param>
public readonly record struct ProcessExit(int Status, bool Signaled)
{
    /// <summary>The code a shell shows: the exit status, or 128 and the signal.</summary>
    public int ExitCode => Signaled ? 128 + Status : Status;

    /// <summary>The signal that ended the process, or null.</summary>
    public int? Signal => Signaled ? Status : null;
}
