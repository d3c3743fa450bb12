using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>Looks at the other end of a socket or pipe.</summary>
public static unsafe class UnixPeer
{
    /// <summary>True if the other end is closed.</summary>
    public static bool IsGone(SafeFd descriptor)
    {
        var poll = new Sys.PollFd { Fd = descriptor.Number };
        return Sys.poll(&poll, 1, 0) > 0 && (poll.Returned & Sys.POLLHUP) != 0;
    }

    /// <summary>Waits until there is something to read, or the other end is closed.</summary>
    /// <returns>False if nothing came in time.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool AwaitInput(SafeFd descriptor, int milliseconds)
    {
        var poll = new Sys.PollFd { Fd = descriptor.Number, Events = Sys.POLLIN };
        var count = Sys.poll(&poll, 1, milliseconds);
        if (count < 0 && Sys.LastErrno != Errno.EINTR)
            throw new LinuxException("wait for input", Sys.LastErrno);
        return count != 0; // interrupted: the caller looks, and waits again
    }
}
