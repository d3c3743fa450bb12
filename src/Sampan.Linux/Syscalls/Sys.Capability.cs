using System.Runtime.InteropServices;

namespace Sampan.Linux.Syscalls;

/// <summary>linux/capability.h and the part of sys/prctl.h about capabilities.</summary>
internal static unsafe partial class Sys
{
    internal const int PR_SET_KEEPCAPS = 8;
    internal const int PR_CAPBSET_READ = 23;
    internal const int PR_CAPBSET_DROP = 24;
    internal const int PR_GET_NO_NEW_PRIVS = 39;
    internal const int PR_CAP_AMBIENT = 47;
    internal const nuint PR_CAP_AMBIENT_IS_SET = 1;
    internal const nuint PR_CAP_AMBIENT_RAISE = 2;
    internal const nuint PR_CAP_AMBIENT_CLEAR_ALL = 4;

    /// <summary>_LINUX_CAPABILITY_VERSION_3: 64 bits in two words.</summary>
    internal const uint CapabilityVersion3 = 0x20080522;

    /// <summary>struct __user_cap_header_struct.</summary>
    internal struct cap_header
    {
        internal uint version;
        internal int pid;
    }

    /// <summary>struct __user_cap_data_struct; version 3 has two, low word first.</summary>
    internal struct cap_data
    {
        internal uint effective;
        internal uint permitted;
        internal uint inheritable;
    }

    /// <summary><see href="https://man7.org/linux/man-pages/man2/capget.2.html">capget(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int capget(cap_header* header, cap_data* data);

    /// <summary><see href="https://man7.org/linux/man-pages/man2/capset.2.html">capset(2)</see></summary>
    [LibraryImport(Libc, SetLastError = true)]
    internal static partial int capset(cap_header* header, cap_data* data);
}
