using System.Diagnostics;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Cgroups.V2;

/// <summary>What every v2 group has without any controller: state, freezing, killing. Also beside v1 in a hybrid layout.</summary>
internal static class UnifiedGroup
{
    /// <summary>Kills the whole tree at once (Linux 5.14).</summary>
    /// <returns>False if the kernel has no such file.</returns>
    internal static bool TryKill(string directory)
    {
        var errno = CgroupFiles.TryWrite(directory, "cgroup.kill", "1");
        return errno switch
        {
            Errno.None => true,
            Errno.ENOENT or Errno.ENODEV or Errno.EOPNOTSUPP => false,
            _ => throw new LinuxException("kill control group", errno, directory),
        };
    }

    internal static bool IsPopulated(string directory) => ReadEvent(directory, "populated");

    internal static bool IsFrozen(string directory) => ReadEvent(directory, "frozen");

    /// <summary>Waits until <c>cgroup.events</c> shows the wanted value; the kernel wakes pollers when the file changes.</summary>
    internal static bool Await(string directory, string key, bool wanted, long deadline)
    {
        var number = Sys.openat(Sys.AT_FDCWD, directory + "/cgroup.events", OpenFlags.ReadOnly);
        if (number < 0)
            return Sys.LastErrno is Errno.ENOENT && key == "populated" && !wanted; // a group that is gone has no processes

        using var events = new SafeFd(number);
        while (true)
        {
            // kernfs notes the generation read: a change between this read and poll makes poll return at once.
            if (ReadEvent(directory, key, events) == wanted)
                return true;
            var remaining = ProcessReaper.MillisecondsUntil(deadline);
            if (remaining == 0)
                return false;
            Poll(events, remaining);
        }
    }

    private static unsafe void Poll(SafeFd events, int milliseconds)
    {
        var poll = new Sys.PollFd { Fd = events.Number, Events = Sys.POLLPRI };
        if (Sys.poll(&poll, 1, milliseconds) < 0 && Sys.LastErrno != Errno.EINTR)
            throw new LinuxException("wait for control group event", Sys.LastErrno);
    }

    private static bool ReadEvent(string directory, string key)
    {
        var number = Sys.openat(Sys.AT_FDCWD, directory + "/cgroup.events", OpenFlags.ReadOnly);
        if (number < 0)
            return Sys.LastErrno == Errno.ENOENT ? false : throw new LinuxException("read state of control group", Sys.LastErrno, directory);
        using var events = new SafeFd(number);
        return ReadEvent(directory, key, events);
    }

    private static unsafe bool ReadEvent(string directory, string key, SafeFd events)
    {
        Span<byte> content = stackalloc byte[256];
        nint length;
        fixed (byte* start = content)
            length = Sys.pread(events.Number, start, (nuint)content.Length, 0);
        if (length < 0)
            return Sys.LastErrno == Errno.ENODEV ? false : throw new LinuxException("read state of control group", Sys.LastErrno, directory);
        Span<byte> line = stackalloc byte[32];
        var written = System.Text.Encoding.ASCII.GetBytes($"{key} 1\n", line);
        return content[..(int)length].IndexOf(line[..written]) >= 0;
    }

    /// <summary>A point in time <paramref name="timeout"/> from now, as the kernel's monotonic clock counts.</summary>
    internal static long Deadline(TimeSpan timeout) => Stopwatch.GetTimestamp() + (long)(timeout.TotalSeconds * Stopwatch.Frequency);
}
