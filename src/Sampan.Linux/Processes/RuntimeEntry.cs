using System.Runtime;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>
/// What the beginning of the .NET runtime asks of the system, and does to it, that is of no use to a program of one thread, a heap of one megabyte and a
/// life of milliseconds. The linker of <c>sampan-runtime</c> gives these functions to the methods here, see <see cref="ProgramEntry"/>: plain calls,
/// numbers and pointers only.
/// </summary>
internal static unsafe class RuntimeEntry
{
    private const int RLIMIT_STACK = 3;
    private const ulong StackMaxBytes = 8 << 20;
    private const nuint PageMask = 4095;
    private const int MADV_DONTDUMP = 16;
    private const int MADV_DODUMP = 17;

    // The end of the first thread's stack; 0 until it is known.
    private static nuint s_stackEnd;

    /// <summary>The environment lies at the end of the first thread's stack.</summary>
    internal static void KeepStackEnd(byte** envp)
    {
        var last = (byte*)envp;
        for (; *envp is not null; envp++)
        {
            if (*envp > last)
                last = *envp;
        }
        while (*last != 0)
            last++;
        s_stackEnd = ((nuint)last + PageMask) & ~PageMask;
    }

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
    /// to have one thread, so that the clone has the whole of it (see <see cref="ProcessClone"/>).
    /// </summary>
    [RuntimeExport("__wrap_PalStartFinalizerThread")]
    private static int StartFinalizerThread(void* callback, void* context) => 1;

    /// <summary>Where the stack is: the C library reads the table of mappings for that, or tries page by page and takes what is in use for all there is.</summary>
    [RuntimeExport("__wrap_PalGetMaximumStackBounds")]
    private static int StackBounds(void** low, void** high)
    {
        Sys.ResourceLimit limit;
        if (Sys.early_prlimit(0, RLIMIT_STACK, null, &limit) != 0)
            return Sys.real_stack_bounds(low, high);
        var size = (nuint)Math.Min(limit.Soft, StackMaxBytes);
        var here = (nuint)(&limit);
        if (here >= s_stackEnd || here < s_stackEnd - size)
            return Sys.real_stack_bounds(low, high); // a thread of its own
        *low = (void*)(s_stackEnd - size);
        *high = (void*)s_stackEnd;
        return 1;
    }

    /// <summary>Which memory belongs into a dump of the process: a dozen calls, each of which splits a mapping. What was never touched is in no dump anyhow.</summary>
    [RuntimeExport("__wrap_madvise")]
    private static int Advise(nuint address, nuint length, int advice) =>
        advice is MADV_DONTDUMP or MADV_DODUMP ? 0 : Sys.real_madvise(address, length, advice);
}
