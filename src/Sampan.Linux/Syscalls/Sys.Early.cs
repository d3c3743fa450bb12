using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>Calls that can be made before there is a .NET runtime: nothing is converted, no error number is kept, no transition is made. See <see cref="Processes.ProgramEntry"/>.</summary>
internal static unsafe partial class Sys
{
    /// <summary>The beginning of the .NET runtime, which goes on to <c>Main</c>.</summary>
    [LibraryImport(Libc, EntryPoint = "__real_main")]
    [SuppressGCTransition]
    internal static partial int real_main(int argc, byte** argv, byte** envp);

    [LibraryImport(Libc, EntryPoint = "statfs")]
    [SuppressGCTransition]
    internal static partial int early_statfs(byte* path, FileSystemInfo* info);

    [LibraryImport(Libc, EntryPoint = "syscall")]
    [SuppressGCTransition]
    internal static partial long early_open_tree(long number, nint directory, byte* path, nuint flags);

    [LibraryImport(Libc, EntryPoint = "syscall")]
    [SuppressGCTransition]
    internal static partial long early_mount_setattr(long number, nint directory, byte* path, nuint flags, MountAttr* attr, nuint size);

    [LibraryImport(Libc, EntryPoint = "syscall")]
    [SuppressGCTransition]
    internal static partial long early_execveat(long number, nint fd, byte* path, byte** argv, byte** envp, nint flags);

    [LibraryImport(Libc, EntryPoint = "pthread_sigmask")]
    [SuppressGCTransition]
    internal static partial int early_sigmask(int how, SignalSet* set, SignalSet* old);

    [LibraryImport(Libc, EntryPoint = "close")]
    [SuppressGCTransition]
    internal static partial int early_close(int fd);

    /// <summary>Starts the thread that runs finalizers.</summary>
    [LibraryImport(Libc, EntryPoint = "__real_PalStartFinalizerThread")]
    internal static partial byte real_finalizer_thread(void* callback, void* context);

    /// <summary>The number of execveat(2), known without a static constructor.</summary>
    internal static long EarlyExecveat => System.Runtime.Intrinsics.X86.X86Base.IsSupported ? 322 : 281;
}
