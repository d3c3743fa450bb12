using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;spawn.h&gt;</summary>
internal static unsafe partial class Sys
{
    internal const short POSIX_SPAWN_SETSIGDEF = 0x04;
    internal const short POSIX_SPAWN_SETSIGMASK = 0x08;
    internal const short POSIX_SPAWN_SETSID = 0x80;

    /// <summary>Room for <c>posix_spawn_file_actions_t</c> (80 bytes) and <c>posix_spawnattr_t</c> (336 bytes) of glibc, with a margin.</summary>
    internal const int SpawnStructureSize = 512;

    // These return the error number instead of setting errno.

    /// <summary><see href="https://man7.org/linux/man-pages/man3/posix_spawn.3.html">posix_spawn(3)</see></summary>
    [LibraryImport(Libc)]
    internal static partial int posix_spawn(int* pid, byte* path, void* fileActions, void* attributes, byte** argv, byte** envp);

    [LibraryImport(Libc)]
    internal static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport(Libc)]
    internal static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport(Libc)]
    internal static partial int posix_spawn_file_actions_adddup2(void* actions, int fd, int newfd);

    [LibraryImport(Libc)]
    internal static partial int posix_spawn_file_actions_addopen(void* actions, int fd, byte* path, int flags, uint mode);

    [LibraryImport(Libc)]
    internal static partial int posix_spawn_file_actions_addchdir_np(void* actions, byte* path);

    [LibraryImport(Libc)]
    internal static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport(Libc)]
    internal static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport(Libc)]
    internal static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport(Libc)]
    internal static partial int posix_spawnattr_setsigmask(void* attributes, SignalSet* mask);

    [LibraryImport(Libc)]
    internal static partial int posix_spawnattr_setsigdefault(void* attributes, SignalSet* signals);
}
