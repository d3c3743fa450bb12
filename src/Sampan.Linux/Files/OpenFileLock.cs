using Microsoft.Win32.SafeHandles;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Files;

/// <summary>Locks that belong to open files, see <see href="https://man7.org/linux/man-pages/man2/F_OFD_SETLK.2const.html">F_OFD_SETLK(2const)</see>.</summary>
public static unsafe class OpenFileLock
{
    /// <summary>
    /// Locks a whole file, until it is closed by all that have this opening of it: the caller, and a process that it is just starting.
    /// Other openings and closings of the file change nothing, in this process neither.
    /// </summary>
    /// <param name="file">The open file.</param>
    /// <param name="shared">With others who lock it so; else alone, for which it has to be open for writing.</param>
    /// <returns>False: it is locked by another opening.</returns>
    /// <exception cref="LinuxException">The kernel refused: the file system knows no locks, say.</exception>
    public static bool TryLock(SafeFileHandle file, bool shared)
    {
        var wanted = new Sys.flock_range { l_type = shared ? Sys.F_RDLCK : Sys.F_WRLCK };
        if (Sys.fcntl((int)file.DangerousGetHandle(), Sys.F_OFD_SETLK, (nint)(&wanted)) == 0)
            return true;
        return Sys.LastErrno is Errno.EAGAIN or Errno.EACCES ? false : throw new LinuxException("lock file", Sys.LastErrno);
    }
}
