using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>Acts on descriptors that came from outside.</summary>
public static class CurrentDescriptors
{
    /// <summary>True if a descriptor came through execve: our own are closed by it, all of them.</summary>
    public static bool IsInherited(int number)
    {
        var flags = Sys.fcntl(number, Sys.F_GETFD, 0);
        return flags >= 0 && (flags & Sys.FD_CLOEXEC) == 0;
    }

    /// <summary>Closes the descriptor when a program is executed.</summary>
    /// <exception cref="LinuxException">It is not open.</exception>
    public static void CloseOnExec(SafeFd descriptor) => Sys.Check(Sys.fcntl(descriptor.Number, Sys.F_SETFD, Sys.FD_CLOEXEC), "use descriptor", descriptor.Number.ToString());
}
