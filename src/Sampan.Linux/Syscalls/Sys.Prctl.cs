using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>&lt;sys/prctl.h&gt;, &lt;sys/resource.h&gt;, &lt;sys/ioctl.h&gt;, &lt;sys/mman.h&gt;, &lt;sys/vfs.h&gt;, and the names in &lt;unistd.h&gt;</summary>
internal static unsafe partial class Sys
{
    internal const int PR_SET_PDEATHSIG = 1;
    internal const int PR_SET_DUMPABLE = 4;
    internal const int PR_SET_NAME = 15;
    internal const int PR_SET_CHILD_SUBREAPER = 36;
    internal const int PR_SET_NO_NEW_PRIVS = 38;
    internal const uint TIOCSCTTY = 0x540E;
    internal const uint TIOCGWINSZ = 0x5413;
    internal const uint TIOCSWINSZ = 0x5414;
    internal const uint TIOCSPTLCK = 0x40045431;
    internal const uint TIOCGPTPEER = 0x5441;
    internal const uint MFD_CLOEXEC = 1;
    internal const uint MFD_ALLOW_SEALING = 2;
    internal const uint MFD_EXEC = 0x10;
    internal const int F_SEAL_SEAL = 1;
    internal const int F_SEAL_SHRINK = 2;
    internal const int F_SEAL_GROW = 4;
    internal const int F_SEAL_WRITE = 8;

    /// <summary><c>struct winsize</c></summary>
    internal struct WindowSize
    {
        internal ushort Rows;
        internal ushort Columns;
        internal ushort PixelsX;
        internal ushort PixelsY;
    }

    /// <summary><c>struct rlimit64</c></summary>
    internal struct ResourceLimit
    {
        internal ulong Soft;
        internal ulong Hard;
    }

    /// <summary><c>struct statfs</c> of 64-bit machines: its first member; 120 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 120)]
    internal struct FileSystemInfo
    {
        [FieldOffset(0)] internal long Type;
        [FieldOffset(80)] internal long Flags;
    }

    internal const long PROC_SUPER_MAGIC = 0x9fa0;
    internal const long ST_RDONLY = 1;

    /// <summary><see href="https://man7.org/linux/man-pages/man2/prctl.2.html">prctl(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/getrlimit.2.html">prlimit(2)</see></summary>
    [LibraryImport(Libc, EntryPoint = "prlimit64", SetLastError = true)]
    internal static partial int prlimit(int pid, int resource, ResourceLimit* limit, ResourceLimit* old);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/ioctl.2.html">ioctl(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int ioctl(int fd, nuint request, nint argument);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/memfd_create.2.html">memfd_create(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int memfd_create(string name, uint flags);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/statfs.2.html">statfs(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statfs(string path, FileSystemInfo* info);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/statfs.2.html">fstatfs(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int fstatfs(int fd, FileSystemInfo* info);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/sethostname.2.html">sethostname(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int sethostname(byte* name, nuint length);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/setdomainname.2.html">setdomainname(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int setdomainname(byte* name, nuint length);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/personality.2.html">personality(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int personality(nuint persona);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/sendfile.2.html">sendfile(2)</see></summary>
    [LibraryImport(Libc, EntryPoint = "sendfile64", SetLastError = true)]
    internal static partial nint sendfile(int target, int source, long* offset, nuint count);
}
