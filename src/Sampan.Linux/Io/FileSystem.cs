using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>Facts about the file system or mount that an open file lies in.</summary>
public static unsafe class FileSystem
{
    /// <summary>What <see cref="TypeAt"/> tells of a v1 hierarchy.</summary>
    internal const long Cgroup = 0x27e0eb;

    /// <summary>What <see cref="TypeAt"/> tells of cgroup v2.</summary>
    internal const long CgroupV2 = 0x63677270;

    private const long Namespaces = 0x6e736673;

    /// <summary>True if a path is a namespace: a mount of one, or a file of <c>/proc/PID/ns</c>.</summary>
    public static bool IsNamespace(string path) => TypeAt(path) == Namespaces;

    // proc, sysfs, cgroup, cgroup2, devpts, mqueue, securityfs, debugfs, tracefs, bpf, pstore, configfs, efivarfs, selinuxfs, fusectl, nsfs
    private static readonly long[] s_kernels =
    [
        Sys.PROC_SUPER_MAGIC, 0x62656572, Cgroup, CgroupV2, 0x1cd1, 0x19800202, 0x73636673, 0x64626720, 0x74726163, 0xcafe4a11, 0x6165676c, 0x62656570, 0xde5e81e4, 0xf97cff8c, 0x65735543, Namespaces,
    ];

    /// <summary>True if what is there is made by the kernel at each look, as in proc and sysfs: its files have no size that holds, and some no end.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool IsKernels(SafeFd file)
    {
        Sys.FileSystemInfo info;
        Sys.Check(Sys.fstatfs(file.Number, &info), "inspect the file system of", file.ProcPath);
        return s_kernels.Contains((long)info.Type);
    }

    /// <summary>The type of the file system at a path; null if nothing can be found there.</summary>
    internal static long? TypeAt(string path)
    {
        Sys.FileSystemInfo info;
        return Sys.statfs(path, &info) == 0 ? info.Type : null;
    }

    /// <summary>True if nothing can be written through the mount that the file was opened through.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool IsReadOnly(SafeFd file)
    {
        Sys.FileSystemInfo info;
        Sys.Check(Sys.fstatfs(file.Number, &info), "inspect the file system of", file.ProcPath);
        return (info.Flags & Sys.ST_RDONLY) != 0;
    }
}
