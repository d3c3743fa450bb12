using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>The process that made a connection over a Unix socket. The kernel holds it: its number never comes to mean another one.</summary>
public sealed unsafe class PeerProcess : IDisposable
{
    private readonly SafeFd _process;

    private PeerProcess(SafeFd process) => _process = process;

    /// <summary>Finds who connected; null: the kernel is older than 6.5, it is no Unix socket, or that process has ended.</summary>
    /// <param name="socket">The accepted end.</param>
    public static PeerProcess? TryOpen(SafeHandle socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var held = false;
        try
        {
            socket.DangerousAddRef(ref held);
            var process = -1;
            var length = (uint)sizeof(int);
            return Sys.getsockopt((int)socket.DangerousGetHandle(), Sys.SOL_SOCKET, Sys.SO_PEERPIDFD, &process, &length) == 0 && process >= 0 ? new PeerProcess(new SafeFd(process)) : null;
        }
        catch (ObjectDisposedException)
        {
            // The connection was closed meanwhile.
            return null;
        }
        finally
        {
            if (held)
                socket.DangerousRelease();
        }
    }

    /// <summary>Duplicates an open file of that process, with what it may do with it and no more; null: it has none of that number, or the kernel does not let us.</summary>
    /// <param name="descriptor">Its number there.</param>
    public SafeFileHandle? TryTake(int descriptor)
    {
        var taken = Sys.pidfd_getfd(_process.Number, descriptor);
        return taken < 0 ? null : new SafeFileHandle(taken, ownsHandle: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}
