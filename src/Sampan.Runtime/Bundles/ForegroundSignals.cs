using Sampan.Linux.Processes;

namespace Sampan.Runtime.Bundles;

/// <summary>
/// The signals that a command in the foreground passes on (<see cref="PassedSignals"/>) must be blocked in every thread of the process, so in the
/// foreground the program starts over once with them blocked.
/// </summary>
internal static class ForegroundSignals
{
    internal const int SIGWINCH = 28;
    internal const int SIGCHLD = 17;

    /// <summary>True if this process was started with them blocked.</summary>
    internal static bool AreBlocked => CurrentProcess.IsBlocked(SIGCHLD);
}
