using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>A process held by descriptor: unlike a number it never comes to mean another process. Safe to use from several threads.</summary>
public sealed class PidFd : IDisposable
{
    private PidFd(int pid, SafeFd descriptor)
    {
        Pid = pid;
        Descriptor = descriptor;
    }

    /// <summary>The process id at the time of opening.</summary>
    public int Pid { get; }

    /// <summary>The descriptor; readable once the process has ended.</summary>
    public SafeFd Descriptor { get; }

    /// <summary>Opens a process that the caller knows to be alive or unreaped.</summary>
    /// <exception cref="LinuxException">ESRCH: there is no such process.</exception>
    public static PidFd Open(int pid) => new(pid, new SafeFd(Sys.Check(Sys.pidfd_open(pid, 0), "open process", pid.ToString())));

    /// <summary>Takes over a descriptor that <c>clone3</c> made.</summary>
    internal static PidFd Adopt(int pid, int descriptor) => new(pid, new SafeFd(descriptor));

    /// <summary>Takes over a descriptor of a process that another process sent, with its id as the caller counts.</summary>
    /// <param name="pid">The process id.</param>
    /// <param name="descriptor">The descriptor; belongs to the new object.</param>
    public static PidFd Adopt(int pid, SafeFd descriptor) => new(pid, descriptor);

    /// <summary>Sends a signal. False: the process has ended already.</summary>
    public bool Send(int signal)
    {
        if (Sys.pidfd_send_signal(Descriptor.Number, signal) == 0)
            return true;
        if (Sys.LastErrno == Errno.ESRCH)
            return false;
        throw new LinuxException($"send signal {signal} to process", Sys.LastErrno, Pid.ToString());
    }

    /// <summary>Duplicates an open file of the process; null: it has none of that number, it has ended, or the kernel does not let us.</summary>
    /// <param name="descriptor">Its number there.</param>
    public SafeFd? TryTake(int descriptor)
    {
        var taken = Sys.pidfd_getfd(Descriptor.Number, descriptor);
        return taken < 0 ? null : new SafeFd(taken);
    }

    /// <summary>Waits until the process has ended, child or not.</summary>
    /// <param name="timeout">Longest wait; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>False if the time passed first.</returns>
    public unsafe bool WaitEnded(TimeSpan timeout)
    {
        var milliseconds = timeout == Timeout.InfiniteTimeSpan ? -1 : (int)Math.Min(int.MaxValue, timeout.TotalMilliseconds);
        var poll = new Sys.PollFd { Fd = Descriptor.Number, Events = Sys.POLLIN };
        while (true)
        {
            var ready = Sys.poll(&poll, 1, milliseconds);
            if (ready >= 0)
                return ready > 0;
            if (Sys.LastErrno != Errno.EINTR)
                throw new LinuxException("wait for process", Sys.LastErrno, Pid.ToString());
        }
    }

    /// <summary>Takes the exit status of a child that has ended or ends soon; waits for it.</summary>
    /// <returns>Null if the process is not a child of the caller or was reaped already.</returns>
    public unsafe ProcessExit? Reap()
    {
        Sys.WaitInfo info;
        while (true)
        {
            info = default;
            if (Sys.waitid(Sys.P_PIDFD, Descriptor.Number, &info, Sys.WEXITED) == 0)
                return new ProcessExit(info.Status, info.Code != Sys.CLD_EXITED);
            switch (Sys.LastErrno)
            {
                case Errno.EINTR: continue;
                case Errno.ECHILD: return null;
                default: throw new LinuxException("reap process", Sys.LastErrno, Pid.ToString());
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();
}
