using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;sched.h&gt; and what replaces or moves a process.</summary>
internal static unsafe partial class Sys
{
    internal const ulong CLONE_NEWTIME = 0x80;
    internal const ulong CLONE_PIDFD = 0x1000;
    internal const ulong CLONE_PARENT = 0x8000;
    internal const ulong CLONE_NEWNS = 0x20000;
    internal const ulong CLONE_NEWCGROUP = 0x2000000;
    internal const ulong CLONE_NEWUTS = 0x4000000;
    internal const ulong CLONE_NEWIPC = 0x8000000;
    internal const ulong CLONE_NEWUSER = 0x10000000;
    internal const ulong CLONE_NEWPID = 0x20000000;
    internal const ulong CLONE_NEWNET = 0x40000000;
    internal const ulong CLONE_INTO_CGROUP = 0x200000000;
    internal const uint CLOSE_RANGE_CLOEXEC = 4;

    private const long SYS_clone3 = 435;
    private const long SYS_close_range = 436;
    private static readonly long s_execveat = Number(322, 281);
    private static readonly long s_setgroups = Number(116, 159);
    private static readonly long s_setfsuid = Number(122, 151);
    private static readonly long s_setfsgid = Number(123, 152);
    private static readonly long s_setresuid = Number(117, 147);
    private static readonly long s_setresgid = Number(119, 149);

    /// <summary><c>struct clone_args</c>, 88 bytes</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CloneArgs
    {
        internal ulong Flags;
        internal ulong PidFd;
        internal ulong ChildTid;
        internal ulong ParentTid;
        internal ulong ExitSignal;
        internal ulong Stack;
        internal ulong StackSize;
        internal ulong Tls;
        internal ulong SetTid;
        internal ulong SetTidSize;
        internal ulong Cgroup;
    }

    /// <summary>The number of a call on this machine, where x86-64 and the generic table differ.</summary>
    private static long Number(long x64, long generic) =>
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? x64 : generic;

    /// <summary>
    /// <see href="https://man7.org/linux/man-pages/man2/clone.2.html">clone3(2)</see> without a shared address space: returns twice.
    /// No GC transition: the child comes back in managed code as it left it, with no other thread to wait for.
    /// Returns the kernel's result as it is: a negative value is the error number.
    /// </summary>
    [LibraryImport(Libc, EntryPoint = "syscall")]
    [SuppressGCTransition]
    private static partial long syscall_clone3(long number, CloneArgs* args, nuint size);

    [LibraryImport(Libc, EntryPoint = "__errno_location")]
    [SuppressGCTransition]
    private static partial int* errno_location();

    /// <inheritdoc cref="syscall_clone3"/>
    internal static int clone3(CloneArgs* args)
    {
        var result = syscall_clone3(SYS_clone3, args, (nuint)sizeof(CloneArgs));
        return result >= 0 ? (int)result : -*errno_location();
    }

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setns.2.html">setns(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int setns(int fd, int types);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/unshare.2.html">unshare(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int unshare(int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/execve.2.html">execve(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int execve(byte* path, byte** argv, byte** envp);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_execveat(long number, int fd, byte* path, byte** argv, byte** envp, int flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/execveat.2.html">execveat(2)</see></summary>
    internal static int execveat(int fd, byte* path, byte** argv, byte** envp, int flags) =>
        (int)syscall_execveat(s_execveat, fd, path, argv, envp, flags);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_close_range(long number, uint first, uint last, uint flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/close_range.2.html">close_range(2)</see></summary>
    internal static int close_range(uint first, uint last, uint flags) => (int)syscall_close_range(SYS_close_range, first, last, flags);

    // The raw calls: glibc's wrappers signal every thread of the process, and the clone's other threads exist only on paper.
    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_ids(long number, nuint first, nuint second, nuint third);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setgroups.2.html">setgroups(2)</see></summary>
    internal static int setgroups(ReadOnlySpan<uint> groups)
    {
        fixed (uint* list = groups)
            return (int)syscall_ids(s_setgroups, (nuint)groups.Length, (nuint)list, 0);
    }

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setresuid.2.html">setresuid(2)</see>, all three ids.</summary>
    internal static int setresuid(uint id) => (int)syscall_ids(s_setresuid, id, id, id);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setresgid.2.html">setresgid(2)</see>, all three ids.</summary>
    internal static int setresgid(uint id) => (int)syscall_ids(s_setresgid, id, id, id);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setfsuid.2.html">setfsuid(2)</see>: tells who it was before, and no error.</summary>
    internal static uint setfsuid(uint id) => (uint)syscall_ids(s_setfsuid, id, 0, 0);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setfsgid.2.html">setfsgid(2)</see>: tells who it was before, and no error.</summary>
    internal static uint setfsgid(uint id) => (uint)syscall_ids(s_setfsgid, id, 0, 0);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setsid.2.html">setsid(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int setsid();

    /// <summary><see href="https://man7.org/linux/man-pages/man2/getpid.2.html">getpid(2)</see></summary>
    [LibraryImport(Libc)]
    internal static partial int getpid();

    /// <summary><see href="https://man7.org/linux/man-pages/man2/_exit.2.html">_exit(2)</see></summary>
    [LibraryImport(Libc)]
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    internal static partial void _exit(int status);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/umask.2.html">umask(2)</see></summary>
    [LibraryImport(Libc)]
    internal static partial uint umask(uint mask);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/chdir.2.html">chdir(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int chdir(string path);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/chdir.2.html">fchdir(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int fchdir(int fd);

    private static readonly long s_getcwd = Number(79, 17);

    [LibraryImport(Libc, EntryPoint = "syscall", SetLastError = true)]
    private static partial long syscall_getcwd(long number, byte* buffer, nuint size);

    /// <summary>The kernel's <see href="https://man7.org/linux/man-pages/man2/getcwd.2.html">getcwd(2)</see>, which says <c>(unreachable)</c> where libc would hide it.</summary>
    internal static long getcwd(byte* buffer, nuint size) => syscall_getcwd(s_getcwd, buffer, size);

    internal const int AT_EACCESS = 0x200;

    /// <summary><see href="https://man7.org/linux/man-pages/man2/access.2.html">faccessat(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int faccessat(int directory, byte* path, int mode, int flags);
}
