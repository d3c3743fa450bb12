using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>Facts about the file system or mount that an open file lies in.</summary>
public static unsafe class FileSystem
{
    /// <summary>True if nothing can be written through the mount that the file was opened through.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool IsReadOnly(SafeFd file)
    {
        Sys.FileSystemInfo info;
        Sys.Check(Sys.fstatfs(file.Number, &info), "inspect the file system of", file.ProcPath);
        return (info.Flags & Sys.ST_RDONLY) != 0;
    }
}
