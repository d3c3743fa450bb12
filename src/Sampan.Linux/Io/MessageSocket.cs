using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>
/// One end of a pair of sockets that keep message boundaries (SOCK_SEQPACKET) and can carry one descriptor beside each message.
/// See <see href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7)</see>.
/// </summary>
public sealed unsafe class MessageSocket : IDisposable
{
    /// <summary>Largest message in bytes.</summary>
    public const int MaxBytes = 16 * 1024;

    private MessageSocket(SafeFd descriptor) => Descriptor = descriptor;

    /// <summary>The socket.</summary>
    public SafeFd Descriptor { get; }

    /// <summary>Makes a connected pair; both ends are close-on-exec.</summary>
    /// <exception cref="LinuxException">No descriptors are left.</exception>
    public static (MessageSocket First, MessageSocket Second) Pair()
    {
        var ends = stackalloc int[2];
        Sys.Check(Sys.socketpair(Sys.AF_UNIX, Sys.SOCK_SEQPACKET | Sys.SOCK_CLOEXEC, 0, ends), "make a socket pair");
        return (new MessageSocket(new SafeFd(ends[0])), new MessageSocket(new SafeFd(ends[1])));
    }

    /// <summary>Takes a connected socket over.</summary>
    internal static MessageSocket Adopt(SafeFd descriptor) => new(descriptor);

    /// <summary>Connects to a <see cref="MessageListener"/> that keeps message boundaries.</summary>
    /// <exception cref="LinuxException">ENOENT, ECONNREFUSED: nobody listens there.</exception>
    public static MessageSocket Connect(string directory, string name) => Connect(directory, name, Sys.SOCK_SEQPACKET);

    /// <summary>Connects to a stream socket of somebody else's; only whole messages are sent then.</summary>
    /// <exception cref="LinuxException">ENOENT, ECONNREFUSED: nobody listens there.</exception>
    public static MessageSocket ConnectStream(string directory, string name) => Connect(directory, name, Sys.SOCK_STREAM);

    /// <summary>Connects to a datagram socket by its path, or by an abstract name, which begins with <c>@</c>.</summary>
    /// <exception cref="LinuxException">ENOENT, ECONNREFUSED: nobody listens there.</exception>
    public static MessageSocket ConnectDatagrams(string address)
    {
        if (!address.StartsWith('@'))
            return Connect(Path.GetDirectoryName(Path.GetFullPath(address)) ?? "/", Path.GetFileName(address), Sys.SOCK_DGRAM);
        var socket = UnixAddressing.NewSocket(Sys.SOCK_DGRAM);
        Sys.Check(UnixAddressing.ConnectAbstract(socket, address[1..]), "connect to", address);
        return new MessageSocket(socket);
    }

    /// <summary>A datagram socket at a path that everybody who reaches it may send to.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static MessageSocket BindDatagrams(string directory, string name)
    {
        using var parent = UnixAddressing.OpenDirectory(directory);
        var socket = UnixAddressing.NewSocket(Sys.SOCK_DGRAM);
        var before = Sys.umask(0);
        var bound = UnixAddressing.Bind(socket, parent, name);
        var errno = Sys.LastErrno;
        Sys.umask(before);
        return bound == 0 ? new MessageSocket(socket) : throw new LinuxException("bind socket", errno, directory + "/" + name);
    }

    private static MessageSocket Connect(string directory, string name, int type)
    {
        using var parent = UnixAddressing.OpenDirectory(directory);
        var socket = UnixAddressing.NewSocket(type);
        Sys.Check(UnixAddressing.Connect(socket, parent, name), "connect to", directory + "/" + name);
        return new MessageSocket(socket);
    }

    /// <summary>Sends a message, with a descriptor if one is given.</summary>
    /// <exception cref="LinuxException">EPIPE: the other end is closed.</exception>
    public void Send(ReadOnlySpan<byte> message, SafeFd? descriptor = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, MaxBytes);
        var control = new Sys.DescriptorMessage { Length = ControlLength, Level = Sys.SOL_SOCKET, Type = Sys.SCM_RIGHTS, Descriptor = descriptor?.Number ?? 0 };
        fixed (byte* start = message)
        {
            var vector = new Sys.IoVector { Base = start, Length = (nuint)message.Length };
            var header = new Sys.MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (descriptor is not null)
            {
                header.Control = &control;
                header.ControlLength = (nuint)sizeof(Sys.DescriptorMessage);
            }
            while (Sys.sendmsg(Descriptor.Number, &header, Sys.MSG_NOSIGNAL) < 0)
            {
                if (Sys.LastErrno != Errno.EINTR)
                    throw new LinuxException("send a message", Sys.LastErrno);
            }
        }
    }

    /// <summary>Waits for a message.</summary>
    /// <param name="buffer">Where to put it; a longer message is an error.</param>
    /// <param name="descriptor">The descriptor that came with it, or null; the caller closes it.</param>
    /// <returns>Its length; 0 if the other end is closed.</returns>
    /// <exception cref="LinuxException">The kernel refused, or the message did not fit (EOVERFLOW).</exception>
    public int Receive(Span<byte> buffer, out SafeFd? descriptor)
    {
        descriptor = null;
        var control = default(Sys.DescriptorMessage);
        fixed (byte* start = buffer)
        {
            var vector = new Sys.IoVector { Base = start, Length = (nuint)buffer.Length };
            var header = new Sys.MessageHeader { Vectors = &vector, VectorCount = 1, Control = &control, ControlLength = (nuint)sizeof(Sys.DescriptorMessage) };
            nint length;
            while ((length = Sys.recvmsg(Descriptor.Number, &header, Sys.MSG_CMSG_CLOEXEC)) < 0)
            {
                // A peer that was killed with messages unread resets the connection: that is an end like any other.
                if (Sys.LastErrno == Errno.ECONNRESET)
                    return 0;
                if (Sys.LastErrno != Errno.EINTR)
                    throw new LinuxException("receive a message", Sys.LastErrno);
            }
            if (header.ControlLength >= ControlLength && control.Level == Sys.SOL_SOCKET && control.Type == Sys.SCM_RIGHTS)
                descriptor = new SafeFd(control.Descriptor);
            if ((header.Flags & (Sys.MSG_TRUNC | Sys.MSG_CTRUNC)) == 0)
                return (int)length;
            descriptor?.Dispose();
            throw new LinuxException("receive a message", Errno.EOVERFLOW);
        }
    }

    /// <summary>CMSG_LEN(sizeof(int))</summary>
    private const nuint ControlLength = 20;

    /// <summary>Closes this end.</summary>
    public void Dispose() => Descriptor.Dispose();
}
