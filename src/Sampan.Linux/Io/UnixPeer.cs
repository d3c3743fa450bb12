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
}
