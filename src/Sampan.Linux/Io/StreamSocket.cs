using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>
/// A connected stream socket whose reads and writes wait in the kernel. The framework's starts a thread that waits for many sockets, at the first one made:
/// a program that asks one thing and ends has no use for it.
/// </summary>
public sealed class StreamSocket : IDisposable
{
    private readonly SafeFd _descriptor;

    private StreamSocket(SafeFd descriptor) => _descriptor = descriptor;

    /// <summary>Connects to who listens at a path.</summary>
    /// <exception cref="LinuxException">ENOENT, ECONNREFUSED: nobody listens there; EACCES.</exception>
    public static StreamSocket Connect(string path)
    {
        using var parent = UnixAddressing.OpenDirectory(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/");
        var socket = UnixAddressing.NewSocket(Sys.SOCK_STREAM);
        if (UnixAddressing.Connect(socket, parent, Path.GetFileName(path)) == 0)
            return new StreamSocket(socket);
        var errno = Sys.LastErrno;
        socket.Dispose();
        throw new LinuxException("connect to", errno, path);
    }

    /// <summary>Waits for bytes; 0: the other side has closed.</summary>
    /// <exception cref="LinuxException">The connection is lost.</exception>
    public int Receive(Span<byte> target)
    {
        var count = Sys.ReadSome(_descriptor.Number, target);
        return count >= 0 ? (int)count : throw new LinuxException("receive", Sys.LastErrno);
    }

    /// <summary>Sends all of it.</summary>
    /// <exception cref="LinuxException">The connection is lost.</exception>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        if (Sys.WriteAll(_descriptor.Number, bytes) < 0)
            throw new LinuxException("send", Sys.LastErrno);
    }

    /// <summary>The other side reads the end; what it sends still comes.</summary>
    /// <exception cref="LinuxException">The connection is lost.</exception>
    public void EndSending() => _ = Sys.Check(Sys.shutdown(_descriptor.Number, Sys.SHUT_WR), "shut down");

    /// <inheritdoc/>
    public void Dispose() => _descriptor.Dispose();
}
