using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Sampand.Host;

/// <summary>Tells systemd how it stands with the daemon, by <see href="https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html">sd_notify(3)</see>'s protocol.</summary>
internal static class ServiceManager
{
    /// <summary>Sends a state such as <c>READY=1</c>; does nothing when no service manager started the daemon.</summary>
    internal static void Notify(string state, ILogger log)
    {
        var address = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        if (string.IsNullOrEmpty(address))
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // A leading @ stands for the zero byte of an abstract address.
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(address[0] == '@' ? "\0" + address[1..] : address));
        }
        catch (SocketException failed)
        {
            DaemonLog.NotNotified(log, state, failed.Message);
        }
    }
}
