using System.Diagnostics;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Cgroups;

/// <summary>Kills processes by descriptor, so that a number given to another process meanwhile cannot hit it, and waits for their end.</summary>
internal static class ProcessReaper
{
    // Descriptors are limited: a group of many thousand processes is killed in parts.
    private const int Batch = 512;

    private const int SIGKILL = 9;

    /// <summary>Sends SIGKILL to all, calls <paramref name="afterSignals"/>, waits until all ended or the time is over.</summary>
    internal static unsafe void Kill(IReadOnlyCollection<int> pids, Action afterSignals, long deadline)
    {
        var polls = new Sys.PollFd[Math.Min(Batch, pids.Count)];
        var count = 0;
        try
        {
            foreach (var pid in pids)
            {
                if (pid == Environment.ProcessId)
                    continue;

                var fd = Sys.pidfd_open(pid, 0);
                if (fd < 0)
                    continue; // gone already (ESRCH)
                if (Sys.pidfd_send_signal(fd, SIGKILL) != 0 || count == polls.Length)
                    _ = Sys.close(fd);
                else
                    polls[count++] = new Sys.PollFd { Fd = fd, Events = Sys.POLLIN };
            }

            afterSignals();
            AwaitAll(polls.AsSpan(0, count), deadline);
        }
        finally
        {
            foreach (var poll in polls.AsSpan(0, count))
                _ = Sys.close(poll.Fd < 0 ? ~poll.Fd : poll.Fd);
        }
    }

    internal static int MillisecondsUntil(long deadline) =>
        (int)Math.Clamp(Math.Ceiling((deadline - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency), 0, int.MaxValue);

    private static unsafe void AwaitAll(Span<Sys.PollFd> polls, long deadline)
    {
        var left = polls.Length;
        while (left > 0)
        {
            fixed (Sys.PollFd* start = polls)
            {
                var ready = Sys.poll(start, (ulong)polls.Length, MillisecondsUntil(deadline));
                if (ready == 0)
                    return;
                if (ready < 0 && Sys.LastErrno != Errno.EINTR)
                    throw new LinuxException("wait for killed processes", Sys.LastErrno);
            }

            foreach (ref var poll in polls)
            {
                if (poll.Fd >= 0 && poll.Returned != 0)
                {
                    poll.Fd = ~poll.Fd; // poll(2) passes over negative numbers
                    left--;
                }
            }
        }
    }
}
