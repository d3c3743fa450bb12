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
