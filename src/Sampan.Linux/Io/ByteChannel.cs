using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>Reads and writes pipes, sockets and terminals that never make the caller wait.</summary>
public static unsafe class ByteChannel
{
    /// <summary>Result: nothing can be read or written now.</summary>
    public const int WouldBlock = -1;

    /// <summary>Result: the other side is gone.</summary>
    public const int Closed = -2;

    /// <summary>Makes a pipe; both ends are close-on-exec and wait as usual.</summary>
    /// <exception cref="LinuxException">No descriptors are left.</exception>
    public static (SafeFd Reader, SafeFd Writer) Pipe()
    {
        var ends = stackalloc int[2];
        Sys.Check(Sys.pipe2(ends, Sys.O_CLOEXEC), "make a pipe");
        return (new SafeFd(ends[0]), new SafeFd(ends[1]));
    }

    /// <summary>Makes a connected pair of stream sockets.</summary>
    /// <exception cref="LinuxException">No descriptors are left.</exception>
    public static (SafeFd First, SafeFd Second) SocketPair()
    {
        var ends = stackalloc int[2];
        Sys.Check(Sys.socketpair(Sys.AF_UNIX, Sys.SOCK_STREAM | Sys.SOCK_CLOEXEC, 0, ends), "make a socket pair");
        return (new SafeFd(ends[0]), new SafeFd(ends[1]));
    }

    /// <summary>Makes reads and writes return at once.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetNonBlocking(SafeFd descriptor)
    {
        var flags = Sys.Check(Sys.fcntl(descriptor.Number, Sys.F_GETFL, 0), "read descriptor flags");
        Sys.Check(Sys.fcntl(descriptor.Number, Sys.F_SETFL, flags | Sys.O_NONBLOCK), "make a descriptor non-blocking");
    }

    /// <summary>Another number for the same open file, close-on-exec.</summary>
    /// <exception cref="LinuxException">No descriptors are left.</exception>
    public static SafeFd Duplicate(SafeFd descriptor) =>
        new(Sys.Check(Sys.fcntl(descriptor.Number, Sys.F_DUPFD_CLOEXEC, 0), "duplicate a descriptor"));

    /// <summary>Accepts a client of a listening stream socket that is root or the caller's own user; null if there is none now or it was turned away.</summary>
    /// <exception cref="LinuxException">The kernel refused; for want of a descriptor or of memory the client waits on.</exception>
    public static SafeFd? Accept(SafeFd listener)
    {
        var client = UnixAddressing.AcceptTrusted(listener);
        if (client is not null)
            SetNonBlocking(client);
        return client;
    }

    /// <summary>Reads what is there.</summary>
    /// <returns>The number of bytes, 0 at the end, or <see cref="WouldBlock"/>. A reset connection and a terminal that nobody holds have ended, too.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static int Read(SafeFd descriptor, Span<byte> buffer)
    {
        var count = Sys.ReadSome(descriptor.Number, buffer);
        if (count >= 0)
            return (int)count;
        return Sys.LastErrno switch
        {
            Errno.EAGAIN => WouldBlock,
            Errno.EIO or Errno.ECONNRESET => 0,
            var errno => throw new LinuxException("read", errno),
        };
    }

    /// <summary>Writes what is taken.</summary>
    /// <returns>The number of bytes, <see cref="WouldBlock"/> or <see cref="Closed"/>.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static int Write(SafeFd descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            while (true)
            {
                var count = Sys.write(descriptor.Number, start, (nuint)bytes.Length);
                if (count >= 0)
                    return (int)count;
                switch (Sys.LastErrno)
                {
                    case Errno.EINTR: continue;
                    case Errno.EAGAIN: return WouldBlock;
                    case Errno.EPIPE or Errno.ECONNRESET or Errno.EIO or Errno.ENOTCONN: return Closed;
                    case var errno: throw new LinuxException("write", errno);
                }
            }
        }
    }
}
