using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Processes;

/// <summary>
/// Signals as something to read. They must be blocked in every thread: start the process with them blocked (<see cref="SpawnOptions.BlockedSignals"/>),
/// as threads that the .NET runtime makes before <c>Main</c> keep the mask of the start. See <see href="https://man7.org/linux/man-pages/man2/signalfd.2.html">signalfd(2)</see>.
/// </summary>
public sealed unsafe class SignalQueue : IDisposable
{
    /// <summary>Blocks the signals in this thread and queues them.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public SignalQueue(params ReadOnlySpan<int> signals)
    {
        var set = SignalSet.Of(signals);
        _ = Sys.pthread_sigmask(Sys.SIG_BLOCK, &set, null);
        Descriptor = new SafeFd(Sys.Check(Sys.signalfd(-1, &set, Sys.SFD_CLOEXEC | Sys.SFD_NONBLOCK), "queue signals"));
    }

    /// <summary>Readable while signals are queued.</summary>
    public SafeFd Descriptor { get; }

    /// <summary>Waits for a signal and takes it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int Wait()
    {
        while (true)
        {
            if (Take() is > 0 and var signal)
                return signal;
            var poll = new Sys.PollFd { Fd = Descriptor.Number, Events = Sys.POLLIN };
            if (Sys.poll(&poll, 1, -1) < 0 && Sys.LastErrno != Errno.EINTR)
                throw new LinuxException("wait for a signal", Sys.LastErrno);
        }
    }

    /// <summary>Takes a signal; 0 if there is none.</summary>
    public int Take()
    {
        Sys.SignalInfo info;
        return Sys.ReadSome(Descriptor.Number, new Span<byte>(&info, sizeof(Sys.SignalInfo))) == sizeof(Sys.SignalInfo) ? (int)info.Signal : 0;
    }

    /// <summary>Closes the queue; the signals stay blocked.</summary>
    public void Dispose() => Descriptor.Dispose();
}
