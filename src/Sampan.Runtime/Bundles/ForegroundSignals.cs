using Sampan.Linux.Processes;

namespace Sampan.Runtime.Bundles;

/// <summary>
/// The signals that a command in the foreground passes on. They must be blocked in every thread of the process, so in the foreground the program
/// starts over once with them blocked.
/// </summary>
internal static class ForegroundSignals
{
    internal const int SIGWINCH = 28;
    internal const int SIGCHLD = 17;

    /// <summary>All but those that mean a mistake of our own, those that cannot be caught, and libc's two.</summary>
    internal static int[] All()
    {
        int[] own = [4, 5, 6, 7, 8, 9, 11, 19, 31, 32, 33];
        var passed = new List<int>();
        for (var signal = 1; signal <= 64; signal++)
        {
            if (Array.IndexOf(own, signal) < 0)
                passed.Add(signal);
        }
        return [.. passed];
    }

    /// <summary>True if this process was started with them blocked.</summary>
    internal static bool AreBlocked => CurrentProcess.IsBlocked(SIGCHLD);
}
