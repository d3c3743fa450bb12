using System.Buffers.Binary;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>Waits for many descriptors at once on one thread. See <see href="https://man7.org/linux/man-pages/man7/epoll.7.html">epoll(7)</see>. Allocates nothing while waiting.</summary>
public sealed unsafe class EventPoll : IDisposable
{
    private const int BatchSize = 16;
    private const int EventSize = 16;
    private readonly SafeFd _epoll = new(Sys.Check(Sys.epoll_create1(Sys.EPOLL_CLOEXEC), "make an event poll"));
    private readonly Dictionary<int, Watched> _watched = [];
    private uint _generation;

    private readonly record struct Watched(SafeFd Descriptor, IPollHandler Handler, uint Generation);

    /// <summary>Begins to watch a descriptor, or changes what for.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Watch(SafeFd descriptor, PollEvents events, IPollHandler handler)
    {
        var number = descriptor.Number;
        var known = _watched.TryGetValue(number, out var watched);
        // An event that was fetched before a descriptor was closed must not reach the one that got its number next.
        var generation = known ? watched.Generation : ++_generation;
        Control(known ? Sys.EPOLL_CTL_MOD : Sys.EPOLL_CTL_ADD, number, events, generation);
        _watched[number] = new Watched(descriptor, handler, generation);
    }

    /// <summary>Stops watching. Not being watched is well.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Forget(SafeFd descriptor)
    {
        if (_watched.Remove(descriptor.Number))
            Control(Sys.EPOLL_CTL_DEL, descriptor.Number, PollEvents.None, 0);
    }

    private void Control(int operation, int number, PollEvents events, uint generation)
    {
        var data = stackalloc byte[EventSize];
        BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(data, 4), (uint)events);
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(data + Sys.EpollDataOffset, 8), (uint)number | ((ulong)generation << 32));
        Sys.Check(Sys.epoll_ctl(_epoll.Number, operation, number, data), "watch descriptor", number.ToString());
    }

    /// <summary>Waits for descriptors and calls their handlers.</summary>
    /// <param name="milliseconds">Longest wait; negative for no limit.</param>
    /// <returns>How many descriptors were ready; 0 if the time passed or a signal came.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int Wait(int milliseconds)
    {
        var events = stackalloc byte[BatchSize * EventSize];
        var count = Sys.epoll_wait(_epoll.Number, events, BatchSize, milliseconds);
        if (count < 0)
        {
            if (Sys.LastErrno == Errno.EINTR)
                return 0;
            throw new LinuxException("wait for events", Sys.LastErrno);
        }
        for (var i = 0; i < count; i++)
        {
            var at = events + (i * Sys.EpollEventSize);
            var ready = (PollEvents)BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(at, 4));
            var data = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(at + Sys.EpollDataOffset, 8));
            if (_watched.TryGetValue((int)(uint)data, out var watched) && watched.Generation == data >> 32)
                watched.Handler.OnReady(watched.Descriptor, ready);
        }
        return count;
    }

    /// <summary>Closes the poll; the descriptors stay open.</summary>
    public void Dispose() => _epoll.Dispose();
}
