using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Netlink;

/// <summary>
/// One netlink socket, bound to the network namespace of the thread that opens it for as long as it lives, whoever uses it.
/// The kernel works on a message inside <c>send</c> and queues its answers before that returns, so nobody waits here.
/// One user at a time.
/// </summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    // The kernel fills at most 32 KiB per datagram of a dump.
    private const int ReceiveSize = 65536;

    // A transaction is one message of some hundred bytes per rule, and its answers queue up before the first is read. The
    // kernel takes the memory when it is needed only.
    private const int QueueBytes = 1 << 24;

    private readonly SafeFd _fd;
    private readonly byte[] _answer = new byte[ReceiveSize];

    private NetlinkSocket(SafeFd fd) => _fd = fd;

    /// <summary>Handles one message of a dump.</summary>
    internal delegate void MessageHandler(ushort type, ReadOnlySpan<byte> payload);

    /// <summary>Handles one message that somebody else caused.</summary>
    internal delegate void HeardHandler(ushort type, uint port, ReadOnlySpan<byte> payload);

    internal static NetlinkSocket Open(int protocol) =>
        From(new SafeFd(Sys.Check(Sys.socket(Sys.AF_NETLINK, Sys.SOCK_RAW | Sys.SOCK_CLOEXEC, protocol), "open netlink socket")));

    /// <summary>Opens a socket that hears of others' changes.</summary>
    internal static NetlinkSocket Listen(int protocol, uint groups) =>
        From(new SafeFd(Sys.Check(Sys.socket(Sys.AF_NETLINK, Sys.SOCK_RAW | Sys.SOCK_CLOEXEC, protocol), "open netlink socket")), groups);

    /// <summary>The number by which the kernel tells this socket's messages from others'.</summary>
    internal uint Port
    {
        get
        {
            var address = default(Sys.NetlinkAddress);
            var length = (uint)sizeof(Sys.NetlinkAddress);
            Sys.Check(Sys.getsockname(_fd.Number, &address, &length), "read the number of netlink socket");
            return address.Port;
        }
    }

    /// <summary>Whether an interface of this number is in the namespace, without waiting for those who change links at this moment.</summary>
    internal bool HasLink(int index)
    {
        // struct ifreq: a name of 16 bytes, then what the request is about. By number: asked for a name that is nobody's, the kernel looks for a module.
        const int requestBytes = 40;
        const int nameBytes = 16;
        var request = stackalloc byte[requestBytes];
        new Span<byte>(request, requestBytes).Clear();
        *(int*)(request + nameBytes) = index;
        return Sys.ioctl(_fd.Number, Sys.SIOCGIFNAME, (nint)request) == 0;
    }

    /// <summary>Takes over a socket that is fresh from the kernel.</summary>
    internal static NetlinkSocket From(SafeFd fd, uint groups = 0)
    {
        try
        {
            var address = new Sys.NetlinkAddress { Family = Sys.AF_NETLINK, Groups = groups };
            Sys.Check(Sys.bind(fd.Number, &address, (uint)sizeof(Sys.NetlinkAddress)), "bind netlink socket");
            Sys.Check(Sys.setsockopt(fd.Number, Sys.SOL_NETLINK, Sys.NETLINK_EXT_ACK, 1), "ask for the kernel's words on netlink socket");
            Sys.Check(Sys.setsockopt(fd.Number, Sys.SOL_NETLINK, Sys.NETLINK_CAP_ACK, 1), "ask for short answers on netlink socket");
            Sys.Check(Sys.setsockopt(fd.Number, Sys.SOL_SOCKET, Sys.SO_RCVBUFFORCE, QueueBytes), "size netlink socket");
            Sys.Check(Sys.setsockopt(fd.Number, Sys.SOL_SOCKET, Sys.SO_SNDBUFFORCE, QueueBytes), "size netlink socket");
            return new NetlinkSocket(fd);
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    /// <summary>Sends messages and returns the first refusal, or null if the message numbered <paramref name="lastSequence"/> was acknowledged.</summary>
    internal NetlinkFailure? Execute(NetlinkWriter messages, uint lastSequence)
    {
        Send(messages.Written);
        NetlinkFailure? failure = null;
        var acknowledged = false;
        while (true)
        {
            var count = Receive(Sys.MSG_DONTWAIT);
            if (count < 0)
                break;
            var walk = new NetlinkMessages(_answer.AsSpan(0, count));
            while (walk.MoveNext())
            {
                if (walk.Type != NetlinkMessages.Error)
                    continue; // an echo
                var parsed = NetlinkFailure.Parse(walk.Flags, walk.Sequence, walk.Payload);
                failure ??= parsed;
                acknowledged |= parsed is null && walk.Sequence == lastSequence;
            }

            if (walk.Damaged)
                throw new LinuxException("read netlink answer", Errno.EPROTO);
        }

        if (failure is null && !acknowledged)
            throw new LinuxException("read netlink answer: the kernel did not acknowledge", Errno.EPROTO);
        return failure;
    }

    /// <summary>Sends one request and hands every message of the answer to <paramref name="handler"/>.</summary>
    /// <returns>The refusal, or null.</returns>
    internal NetlinkFailure? Query(NetlinkWriter request, bool dump, MessageHandler handler)
    {
        Send(request.Written);
        while (true)
        {
            var walk = new NetlinkMessages(_answer.AsSpan(0, Receive(0)));
            while (walk.MoveNext())
            {
                switch (walk.Type)
                {
                    case NetlinkMessages.Done:
                        return null;
                    case NetlinkMessages.Error:
                        return NetlinkFailure.Parse(walk.Flags, walk.Sequence, walk.Payload);
                    default:
                        handler(walk.Type, walk.Payload);
                        if (!dump)
                        {
                            Drain();
                            return null;
                        }

                        break;
                }
            }

            if (walk.Damaged)
                throw new LinuxException("read netlink answer", Errno.EPROTO);
        }
    }

    /// <summary>Waits for something to be heard of, or for the bell.</summary>
    /// <returns>False: the bell rang.</returns>
    internal bool WaitUnless(SafeFd bell)
    {
        var watched = stackalloc Sys.PollFd[] { new() { Fd = _fd.Number, Events = Sys.POLLIN }, new() { Fd = bell.Number, Events = Sys.POLLIN } };
        while (Sys.poll(watched, 2, -1) < 0)
        {
            if (Sys.LastErrno != Errno.EINTR)
                throw new LinuxException("wait for netlink messages", Sys.LastErrno);
        }

        return watched[1].Returned == 0;
    }

    /// <summary>Hands over what was heard of so far.</summary>
    /// <returns>False: the kernel had to drop messages.</returns>
    internal bool Hear(HeardHandler handler)
    {
        while (true)
        {
            int count;
            try
            {
                count = Receive(Sys.MSG_DONTWAIT);
            }
            catch (LinuxException lost) when (lost.Errno == Errno.ENOBUFS)
            {
                return false;
            }

            if (count < 0)
                return true;
            var walk = new NetlinkMessages(_answer.AsSpan(0, count));
            while (walk.MoveNext())
                handler(walk.Type, walk.Port, walk.Payload);
        }
    }

    public void Dispose() => _fd.Dispose();

    private void Drain()
    {
        while (Receive(Sys.MSG_DONTWAIT) >= 0)
        {
            // what is left of the answer to a question that has been answered
        }
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            nint sent;
            do
                sent = Sys.send(_fd.Number, start, (nuint)bytes.Length, 0);
            while (sent < 0 && Sys.LastErrno == Errno.EINTR);
            Sys.Check(sent, "send to the kernel by netlink");
        }
    }

    /// <summary>The size of the next datagram, or -1 if there is none and the flags say not to wait.</summary>
    private int Receive(int flags)
    {
        fixed (byte* start = _answer)
        {
            while (true)
            {
                var count = Sys.recv(_fd.Number, start, (nuint)_answer.Length, flags | Sys.MSG_TRUNC);
                if (count > _answer.Length)
                    throw new LinuxException("read netlink answer: it is too long", Errno.EPROTO);
                if (count >= 0)
                    return (int)count;
                if (Sys.LastErrno == Errno.EAGAIN)
                    return -1;
                if (Sys.LastErrno != Errno.EINTR)
                    Sys.Check(count, "read netlink answer");
            }
        }
    }
}
