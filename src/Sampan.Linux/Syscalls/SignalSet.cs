using System.Runtime.CompilerServices;

namespace Sampan.Linux.Syscalls;

/// <summary><c>sigset_t</c> of glibc: 1024 bits, of which the kernel uses 64.</summary>
[InlineArray(16)]
internal struct SignalSet
{
    private ulong _word;

    internal static SignalSet Of(ReadOnlySpan<int> signals)
    {
        var set = default(SignalSet);
        foreach (var signal in signals)
            set[0] |= 1UL << (signal - 1);
        return set;
    }

    internal static SignalSet All()
    {
        var set = default(SignalSet);
        set[0] = ulong.MaxValue;
        return set;
    }
}
