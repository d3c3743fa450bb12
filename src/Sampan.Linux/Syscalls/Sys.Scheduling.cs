using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;linux/sched.h&gt; and &lt;linux/ioprio.h&gt;: when a process runs, where, and how soon its input and output are served.</summary>
internal static unsafe partial class Sys
{
    internal const int IOPRIO_WHO_PROCESS = 1;
    internal const int IOPRIO_CLASS_SHIFT = 13;

    private static readonly long s_sched_setattr = Number(314, 274);
    private static readonly long s_sched_setaffinity = Number(203, 122);
    private static readonly long s_sched_getaffinity = Number(204, 123);
    private static readonly long s_ioprio_set = Number(251, 30);

    /// <summary><c>struct sched_attr</c> of Linux 5.3, 56 bytes</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SchedulingAttributes
    {
        internal uint Size;
        internal uint Policy;
        internal ulong Flags;
        internal int Nice;
        internal uint Priority;
        internal ulong Runtime;
        internal ulong Deadline;
        internal ulong Period;
        internal uint UtilizationMin;
        internal uint UtilizationMax;
    }

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_scheduling(long number, nint pid, void* argument, nuint flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/sched_setattr.2.html">sched_setattr(2)</see> of the calling thread.</summary>
    internal static int sched_setattr(SchedulingAttributes* attributes) => (int)syscall_scheduling(s_sched_setattr, 0, attributes, 0);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_affinity(long number, nint pid, nuint size, ulong* mask);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html">sched_setaffinity(2)</see> of the calling thread.</summary>
    internal static int sched_setaffinity(ReadOnlySpan<ulong> mask)
    {
        fixed (ulong* first = mask)
            return (int)syscall_affinity(s_sched_setaffinity, 0, (nuint)(mask.Length * sizeof(ulong)), first);
    }

    /// <summary>The kernel's <see href="https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html">sched_getaffinity(2)</see>: the bytes it wrote.</summary>
    internal static int sched_getaffinity(Span<ulong> mask)
    {
        fixed (ulong* first = mask)
            return (int)syscall_affinity(s_sched_getaffinity, 0, (nuint)(mask.Length * sizeof(ulong)), first);
    }

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_ioprio_set(long number, nint which, nint who, nint priority);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/ioprio_set.2.html">ioprio_set(2)</see></summary>
    internal static int ioprio_set(int which, int who, int priority) => (int)syscall_ioprio_set(s_ioprio_set, which, who, priority);
}
