using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Bundles;

/// <summary>Hands a terminal to whoever listens, as runc's <c>--console-socket</c> does.</summary>
internal static class ConsoleSocket
{
    internal static void Send(string path, SafeFd master)
    {
        var full = Path.GetFullPath(path);
        using var socket = MessageSocket.ConnectStream(Path.GetDirectoryName(full) ?? "/", Path.GetFileName(full));
        socket.Send("/dev/ptmx"u8, master);
    }
}
