using System.Runtime;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>
/// What the beginning of the .NET runtime asks of the system, and does to it, that is of no use to a program of one thread, a heap of one megabyte and a
/// life of milliseconds. The linkers of <c>sampan-runtime</c> and <c>sampan</c> give these functions to the methods here, see <see cref="ProgramEntry"/>: plain
/// calls (<see cref="EarlyCalls"/>), numbers and pointers only.
/// </summary>
internal static unsafe class RuntimeEntry
{
    private const int RLIMIT_STACK = 3;
    private const nuint AT_EXECFN = 31;
    private const ulong StackMaxBytes = 8 << 20;
    private const nuint PageMask = 4095;
    private const int MADV_DONTDUMP = 16;
    private const int MADV_DODUMP = 17;
    private const int MADV_POPULATE_WRITE = 23;
    private const nuint PopulateMaxBytes = 1 << 20;
    private const int OneByte = 0xff;

    // What would have been the finalizers' thread; null: it was not asked for, or it runs.
    private static void* s_finalizing;
    private static void* s_finalizingContext;

    // The collector asks for the limits of its control group and for the memory nodes, and reads the mount table twice for it. With a heap of one
    // megabyte that is of no use, and it is a fifth of a program's start, a third where a hundred things are mounted.
    [RuntimeExport("__wrap__Z16InitializeCGroupv")]
    private static void InitializeCGroup()
    {
    }

    [RuntimeExport("__wrap__Z19InitializeCpuCGroupv")]
    private static void InitializeCpuCGroup()
    {
    }

    [RuntimeExport("__wrap__Z21NUMASupportInitializev")]
    private static void NUMASupportInitialize()
    {
    }

    /// <summary>How full the machine's memory is, by /proc/meminfo: a full one makes the collector work harder for what it could give back, which is nothing here.</summary>
    [RuntimeExport("__wrap__ZN15GCToOSInterface15GetMemoryStatusEmPjPmS1_")]
    private static void GetMemoryStatus(ulong limit, uint* load, ulong* available, ulong* pageFile)
    {
        if (load is not null)
            *load = 0;
        if (available is not null)
            *available = limit != 0 ? limit : 1UL << 30;
        if (pageFile is not null)
            *pageFile = 0;
    }

    /// <summary>
    /// No thread for finalizers. Whatever holds something of the kernel is disposed, a finalizer is the second chance only; and the process that clones is
    /// to have one thread, so that the clone has the whole of it (see <see cref="ProcessClone"/>). A program that turns out to live long has it later.
    /// </summary>
    [RuntimeExport("__wrap_PalStartFinalizerThread")]
    private static int StartFinalizerThread(void* callback, void* context)
    {
        s_finalizing = callback;
        s_finalizingContext = context;
        return 1;
    }

    /// <summary>Starts the thread after all, once; where it was not left out nothing is to be done.</summary>
    internal static void BeginFinalizing()
    {
        var callback = s_finalizing;
        s_finalizing = null;
        if (callback is not null)
            _ = Sys.real_finalizer_thread(callback, s_finalizingContext);
    }

    /// <summary>Where the stack is: the C library reads the table of mappings for that, or tries page by page and takes what is in use for all there is.</summary>
    [RuntimeExport("__wrap_PalGetMaximumStackBounds")]
    private static int StackBounds(void** low, void** high)
    {
        Sys.ResourceLimit limit;
        if (EarlyCalls.ResourceLimit(0, RLIMIT_STACK, null, &limit) != 0)
            return EarlyCalls.StackBounds(low, high) & OneByte;
        var size = (nuint)Math.Min(limit.Soft, StackMaxBytes);
        var here = (nuint)(&limit);
        var end = FirstStackEnd();
        if (here >= end || here < end - size)
            return EarlyCalls.StackBounds(low, high) & OneByte; // a thread of its own
        *low = (void*)(end - size);
        *high = (void*)end;
        return 1;
    }

    // The kernel writes the program's name at the end of the first thread's stack, and tells where (getauxval(3), AT_EXECFN); 0: it does not.
    private static nuint FirstStackEnd()
    {
        var last = (byte*)EarlyCalls.AuxiliaryValue(AT_EXECFN);
        if (last is null)
            return 0;
        while (*last != 0)
            last++;
        return ((nuint)last + PageMask) & ~PageMask;
    }

    /// <summary>
    /// Memory that the collector takes into use, a few pages at a time, will be written from one end to the other: one call makes its pages, where each would
    /// be a fault, the dearest part of a short program. Only <c>sampan</c> has it: a supervisor lives long, and its memory counts.
    /// </summary>
    [RuntimeExport("__wrap__ZN15GCToOSInterface13VirtualCommitEPvmt")]
    private static int Commit(void* address, nuint size, nuint node)
    {
        var done = EarlyCalls.Commit(address, size, node) & OneByte;
        if (done != 0 && size <= PopulateMaxBytes)
            _ = EarlyCalls.Advise((nuint)address, size, MADV_POPULATE_WRITE); // older kernels refuse
        return done;
    }

    /// <summary>On which processor a thread runs: not told, since the pool of arrays would try at its first use how fast it is told, for a twentieth of a start.</summary>
    [RuntimeExport("__wrap_SystemNative_SchedGetCpu")]
    private static int CurrentProcessor() => -1;

    /// <summary>Which memory belongs into a dump of the process: a dozen calls, each of which splits a mapping. What was never touched is in no dump anyhow.</summary>
    [RuntimeExport("__wrap_madvise")]
    private static int Advise(nuint address, nuint length, int advice) =>
        advice is MADV_DONTDUMP or MADV_DODUMP ? 0 : EarlyCalls.Advise(address, length, advice);
}
