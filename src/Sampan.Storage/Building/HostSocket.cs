using System.Net.Sockets;
using System.Text;
using Sampan.Linux.Files;

namespace Sampan.Storage.Building;

/// <summary>A Unix socket in a directory of the host, for a mount.</summary>
public static class HostSocket
{
    /// <summary>Binds it and listens.</summary>
    /// <param name="hostDirectory">Where; nobody else may write there.</param>
    /// <param name="name">Its name in there.</param>
    /// <param name="owner">Who owns it.</param>
    /// <param name="mode">Its permissions: who may write to it may connect.</param>
    /// <exception cref="StorageException">Refused: it cannot be bound.</exception>
    public static Socket Listen(string hostDirectory, string name, (uint Uid, uint Gid) owner, UnixFileMode mode)
    {
        using var directory = DirectoryHandle.Open(hostDirectory);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Through the descriptor: the path itself may be longer than the 108 bytes of a Unix address.
            socket.Bind(new UnixDomainSocketEndPoint($"{directory.Descriptor.ProcPath}/{name}"));
            var raw = Encoding.UTF8.GetBytes(name);
            directory.SetOwner(raw, owner.Uid, owner.Gid);
            directory.SetMode(raw, mode);
            socket.Listen();
            return socket;
        }
        catch (SocketException failed)
        {
            socket.Dispose();
            throw new StorageException(StorageError.Refused, $"cannot listen on socket '{hostDirectory}/{name}': {failed.Message}", failed);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
