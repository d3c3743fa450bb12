using System.Runtime;
using System.Runtime.CompilerServices;

namespace Sampan.Linux.Syscalls;

/// <summary>
/// What <see cref="Processes.RuntimeEntry"/> calls in the place of .NET's runtime, which may be in the midst of a collection. A platform invoke, also one
/// without a transition, looks afterwards whether a collection goes on and awaits its end: the collector itself would wait for itself for ever.
/// There is nothing of that in these. They are there in programs that are compiled ahead alone; elsewhere this type cannot even be loaded.
/// </summary>
internal static unsafe class EarlyCalls
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("prlimit64")]
    internal static extern int ResourceLimit(int pid, int resource, Sys.ResourceLimit* limit, Sys.ResourceLimit* old);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("getauxval")]
    internal static extern nuint AuxiliaryValue(nuint type);

    // The two that answer a bool of C++ set one byte alone.
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("__real_PalGetMaximumStackBounds")]
    internal static extern int StackBounds(void** low, void** high);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("__real__ZN15GCToOSInterface13VirtualCommitEPvmt")]
    internal static extern int Commit(void* address, nuint size, nuint node);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("__real_madvise")]
    internal static extern int Advise(nuint address, nuint length, int advice);
}
