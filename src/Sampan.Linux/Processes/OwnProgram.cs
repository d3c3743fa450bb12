using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>The file the calling process runs from.</summary>
public static class OwnProgram
{
    private const string Path = "/proc/self/exe";
    private const int MaxEnvironment = 16 << 20;

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
