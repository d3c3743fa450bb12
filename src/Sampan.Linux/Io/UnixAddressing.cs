using System.Text;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>Binds and connects Unix sockets by paths of any length, and checks who calls.</summary>
internal static unsafe class UnixAddressing
{
    internal static SafeFd OpenDirectory(string directory) =>
        new(Sys.Check(Sys.openat(Sys.AT_FDCWD, directory, OpenFlags.Path | OpenFlags.Directory), "open directory", directory));

    internal static SafeFd NewSocket(int type) =>
        new(Sys.Check(Sys.socket(Sys.AF_UNIX, type | Sys.SOCK_CLOEXEC, 0), "make a socket"));

    internal static int Bind(SafeFd socket, SafeFd directory, string name)
    {
        var address = Through(directory, name);
        return Sys.bind(socket.Number, &address, (uint)sizeof(Sys.UnixAddress));
    }

    internal static int Connect(SafeFd socket, SafeFd directory, string name)
    {
        var address = Through(directory, name);
        return Sys.connect(socket.Number, &address, (uint)sizeof(Sys.UnixAddress));
    }

    internal static int ConnectAbstract(SafeFd socket, string name)
    {
        var address = new Sys.UnixAddress { Family = Sys.AF_UNIX };
        // Behind a zero byte; the length counts, there is no end.
        if (!Encoding.UTF8.TryGetBytes(name, new Span<byte>(address.Path + 1, Sys.UnixAddress.PathSize - 1), out var length))
            throw new LinuxException("address socket", Errno.ENAMETOOLONG, "@" + name);
        return Sys.connect(socket.Number, &address, (uint)(sizeof(ushort) + 1 + length));
    }

    /// <summary>Accepts a client; null if it is neither root nor our own user, or left already. The kernel tells who it is (SO_PEERCRED).</summary>
    /// <exception cref="LinuxException">The kernel refused. The client waits on if it was the want of a descriptor or of memory: who asks again at once turns in a circle.</exception>
    internal static SafeFd? AcceptTrusted(SafeFd listener, bool trustPath = false)
    {
        var number = Sys.accept4(listener.Number, null, null, Sys.SOCK_CLOEXEC);
        if (number < 0)
        {
            return Sys.LastErrno is Errno.EINTR or Errno.EAGAIN or Errno.ECONNABORTED
                ? null
                : throw new LinuxException("accept a connection", Sys.LastErrno);
        }
        var client = new SafeFd(number);
        if (trustPath)
            return client;
        Sys.PeerCredentials peer;
        var size = (uint)sizeof(Sys.PeerCredentials);
        if (Sys.getsockopt(number, Sys.SOL_SOCKET, Sys.SO_PEERCRED, &peer, &size) == 0 && (peer.Uid == 0 || peer.Uid == Sys.geteuid()))
            return client;
        client.Dispose();
        return null;
    }

    private static Sys.UnixAddress Through(SafeFd directory, string name)
    {
        var address = new Sys.UnixAddress { Family = Sys.AF_UNIX };
        var path = $"{directory.ProcPath}/{name}";
        if (!Encoding.UTF8.TryGetBytes(path, new Span<byte>(address.Path, Sys.UnixAddress.PathSize - 1), out _))
            throw new LinuxException("address socket", Errno.ENAMETOOLONG, name);
        return address;
    }
}
