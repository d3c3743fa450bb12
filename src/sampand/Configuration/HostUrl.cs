using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sampand.Configuration;

/// <summary>An address to listen on.</summary>
/// <param name="Address">Where.</param>
internal sealed record HostUrl(EndPoint Address)
{
    private const int SocketPathMaxBytes = 107;

    /// <summary>Reads <c>unix:///path</c> or <c>tcp://address:port</c>.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out HostUrl? host, [NotNullWhen(false)] out string? why)
    {
        host = null;
        if (text.StartsWith("unix://", StringComparison.Ordinal))
        {
            var path = text["unix://".Length..];
            why = !path.StartsWith('/') ? "expected an absolute path behind 'unix://'"
                : System.Text.Encoding.UTF8.GetByteCount(path) > SocketPathMaxBytes ? $"the path of a socket has at most {SocketPathMaxBytes} bytes"
                : null;
            if (why is null)
                host = new HostUrl(new UnixDomainSocketEndPoint(path));
            return why is null;
        }

        if (text.StartsWith("tcp://", StringComparison.Ordinal))
        {
            var rest = text["tcp://".Length..].TrimEnd('/');
            var colon = rest.LastIndexOf(':');
            why = "expected tcp://address:port with an IP address";
            if (colon < 0 || !ushort.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                return false;
            var name = rest[..colon] is "localhost" ? "127.0.0.1" : rest[..colon] is "" ? "0.0.0.0" : rest[..colon];
            if (!IPAddress.TryParse(name, out var address))
                return false;
            host = new HostUrl(new IPEndPoint(address, port));
            why = null;
            return true;
        }

        why = "expected unix:///path or tcp://address:port";
        return false;
    }

    /// <summary>As it is given.</summary>
    public override string ToString() => Address is UnixDomainSocketEndPoint ? $"unix://{Address}" : $"tcp://{Address}";
}
