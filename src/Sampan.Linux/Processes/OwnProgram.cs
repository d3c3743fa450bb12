using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>
/// The file the calling process runs from. A container's first process begins as a copy of the runtime and can be made to run it again
/// (<c>/proc/self/exe</c>); whoever then reaches that file with write access owns the host (CVE-2019-5736).
/// </summary>
public static unsafe class OwnProgram
{
    private const string Path = "/proc/self/exe";
    private const int MaxEnvironment = 16 << 20;

    /// <summary>True if nobody can write the file by way of this process: it lies in sealed memory, or on a mount that is read-only.</summary>
    /// <exception cref="LinuxException">The file cannot be looked at.</exception>
    public static bool IsProtected()
    {
        using var file = HostFile.Open(Path, OpenFlags.ReadOnly);
        Sys.FileSystemInfo info;
        Sys.Check(Sys.fstatfs(file.Number, &info), "inspect", Path);
        return (info.Flags & Sys.ST_RDONLY) != 0 || MemoryFile.IsSealed(file);
    }

    /// <summary>
    /// Unless it is protected already, starts the program over, with the same arguments and environment, from a read-only copy of its mount that is
    /// attached nowhere: nobody can make it writable, and it costs no memory.
    /// </summary>
    /// <exception cref="LinuxException">The caller may not mount, or the program cannot be run.</exception>
    public static void Protect()
    {
        if (IsProtected())
            return;

        using var mount = MountTree.Bind(Path, recursive: false);
        mount.Change(MountAttributes.ReadOnly, MountAttributes.None, MountPropagation.Private, recursive: false);
        throw new LinuxException("run from a read-only mount", Execute(mount.Descriptor.ProcPath), Path);
    }

    /// <summary>Starts the program over with the same arguments and environment; what execve keeps, such as blocked signals, stays.</summary>
    /// <exception cref="LinuxException">It cannot be run, or /proc is not mounted.</exception>
    public static void Restart() => throw new LinuxException("start over", Execute(Path), Path);

    private static Errno Execute(string path)
    {
        using var program = new ProgramImage([path], ReadTexts("/proc/self/cmdline"), ReadTexts("/proc/self/environ"));
        return program.Execute();
    }

    private static string[] ReadTexts(string path)
    {
        if (!SmallFile.TryRead(Sys.AT_FDCWD, path, MaxEnvironment, out var content, out var errno))
            throw new LinuxException("read", errno, path);
        return content.Length == 0 ? [] : Encoding.UTF8.GetString(content.AsSpan(0, content.Length - (content[^1] == 0 ? 1 : 0))).Split('\0');
    }
}
