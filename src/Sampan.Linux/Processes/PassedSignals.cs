using System.Numerics;

namespace Sampan.Linux.Processes;

/// <summary>The signals that a process in the foreground passes on to the one it stands for: all but those that mean a mistake of its own, those that cannot be caught, and libc's two.</summary>
public static class PassedSignals
{
    // SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL, SIGSEGV, SIGSTOP, SIGSYS, 32 and 33
    private const ulong Own = 0b11_1111UL << 3 | 1UL << 10 | 1UL << 18 | 0b111UL << 30;

    /// <summary>As a set of the kernel's: signal 1 is bit 0.</summary>
    internal const ulong Set = ~Own;

    /// <summary>As numbers.</summary>
    public static int[] All()
    {
        var all = new int[BitOperations.PopCount(Set)];
        var at = 0;
        for (var signal = 1; signal <= 64; signal++)
        {
            if ((Set >> (signal - 1) & 1) != 0)
                all[at++] = signal;
        }
        return all;
    }
}
