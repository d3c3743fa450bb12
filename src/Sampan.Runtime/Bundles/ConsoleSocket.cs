using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Bundles;

/// <summary>Hands a terminal to whoever listens, as runc's <c>--console-socket</c> does.</summary>
internal static class ConsoleSocket
{
    /// <summary>Refuses what would lose a terminal, or wait for one that is not made; the words are runc's.</summary>
    /// <exception cref="RuntimeException">The options contradict the process.</exception>
    internal static void RequireUse(bool terminal, bool detaches, string? path)
    {
        if (terminal && detaches && path is null)
            throw new RuntimeException("console", "cannot allocate tty if sampan-runtime will detach without setting console socket");
        if ((!terminal || !detaches) && path is not null)
            throw new RuntimeException("console", "cannot use console socket if sampan-runtime will not detach or allocate tty");
    }

    internal static void Send(string path, SafeFd master)
    {
        var full = Path.GetFullPath(path);
        using var socket = MessageSocket.ConnectStream(Path.GetDirectoryName(full) ?? "/", Path.GetFileName(full));
        socket.Send("/dev/ptmx"u8, master);
    }
}
