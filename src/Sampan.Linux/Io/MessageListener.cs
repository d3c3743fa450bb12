using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>
/// A Unix socket at a path that other processes connect to. The path may be longer than <c>sun_path</c>'s 108 bytes: it is addressed through
/// its open directory. Only root and the caller's own user may connect.
/// </summary>
public sealed class MessageListener : IDisposable
{
    private MessageListener(SafeFd descriptor) => Descriptor = descriptor;

    /// <summary>The listening socket.</summary>
    public SafeFd Descriptor { get; }

    /// <summary>Listens at <paramref name="name"/> in <paramref name="directory"/>; what is there already is an error (EADDRINUSE).</summary>
    /// <param name="directory">A directory of ours.</param>
    /// <param name="name">Name of the socket in it.</param>
    /// <param name="messages">True to keep message boundaries, false for a stream of bytes.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static MessageListener Listen(string directory, string name, bool messages)
    {
        const int Backlog = 64;
        const uint OwnerOnly = 0x180; // 0600
        using var parent = UnixAddressing.OpenDirectory(directory);
        var socket = UnixAddressing.NewSocket(messages ? Sys.SOCK_SEQPACKET : Sys.SOCK_STREAM);
        var path = directory + "/" + name;
        // The mask, not a later chmod, decides who may connect from the first moment on (CVE-2020-15257 asks for a path, not an abstract name).
        var before = Sys.umask(0x1ff & ~OwnerOnly);
        var bound = UnixAddressing.Bind(socket, parent, name);
        var errno = Sys.LastErrno;
        Sys.umask(before);
        if (bound != 0)
            throw new LinuxException("bind socket", errno, path);
        Sys.Check(Sys.listen(socket.Number, Backlog), "listen on", path);
        return new MessageListener(socket);
    }

    /// <summary>Waits for a client that is root or the caller's own user; others are turned away. While the machine lacks descriptors or memory for one, it waits, too.</summary>
    /// <param name="trustPath">True to rely on the permissions of the socket's path alone: in a user namespace root of the host looks like nobody.</param>
    /// <exception cref="LinuxException">The kernel refused; the caller has as many descriptors as it may (EMFILE), say.</exception>
    public unsafe MessageSocket Accept(bool trustPath = false)
    {
        while (true)
        {
            try
            {
                if (UnixAddressing.AcceptTrusted(Descriptor, trustPath) is { } client)
                    return MessageSocket.Adopt(client);
            }
            catch (LinuxException shortage) when (shortage.Errno is Errno.ENFILE or Errno.ENOMEM or Errno.ENOBUFS)
            {
                const int PauseMilliseconds = 100;
                _ = Sys.poll(null, 0, PauseMilliseconds);
            }
        }
    }

    /// <summary>Closes the socket; its name stays until somebody removes it.</summary>
    public void Dispose() => Descriptor.Dispose();
}
