using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sampan.DockerApi.Client;

/// <summary>Where an engine listens: <c>unix:///path</c>, or <c>tcp://host:port</c> (<c>http://</c> means the same).</summary>
public sealed record DockerEndpoint
{
    /// <summary>The port that <c>tcp://host</c> means without one; Docker's.</summary>
    public const int DefaultPort = 2375;

    private DockerEndpoint(string text) => Text = text;

    /// <summary>The endpoint as it was given; fit for messages.</summary>
    public string Text { get; }

    /// <summary>Path of the Unix socket; null: reached by TCP.</summary>
    public string? SocketPath { get; private init; }

    /// <summary>Host name or address; null: a Unix socket.</summary>
    public string? Host { get; private init; }

    /// <summary>TCP port, 1 to 65535; 0 for a Unix socket.</summary>
    public int Port { get; private init; }

    /// <summary>Value of the Host header.</summary>
    internal string Authority => Host is null ? "localhost" : string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}");

    /// <summary>Reads an endpoint; on failure <paramref name="reason"/> says what is wrong and what is accepted.</summary>
    public static DockerEndpoint? Parse(string text, out string reason)
    {
        reason = "";
        int mark = text.IndexOf("://", StringComparison.Ordinal);
        string scheme = mark < 0 ? (text.StartsWith('/') ? "unix" : "tcp") : text[..mark];
        string rest = mark < 0 ? text : text[(mark + 3)..];
        switch (scheme)
        {
            case "unix" when rest.StartsWith('/'):
                return new DockerEndpoint(mark < 0 ? "unix://" + rest : text) { SocketPath = rest };
            case "unix":
                reason = $"invalid host '{text}': a socket needs an absolute path, as in unix:///run/sampan/sampan.sock";
                return null;
            case "tcp" or "http":
                if (TryParseAuthority(rest.TrimEnd('/'), out string host, out int port))
                    return new DockerEndpoint(mark < 0 ? "tcp://" + rest : text) { Host = host, Port = port };
                reason = $"invalid host '{text}': expected tcp://HOST[:PORT] or unix:///PATH";
                return null;
            default:
                reason = $"unsupported scheme '{scheme}' in host '{text}': use unix:///PATH or tcp://HOST:PORT";
                return null;
        }
    }

    /// <param name="isSequential">True: waits in the kernel, see <see cref="DockerClient.IsSequential"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<Socket> ConnectAsync(bool isSequential, CancellationToken cancellationToken)
    {
        var socket = SocketPath is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (SocketPath is not null && isSequential)
                socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
            else if (SocketPath is not null)
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellationToken).ConfigureAwait(false);
            else if (IPAddress.TryParse(Host, out var address))
                await socket.ConnectAsync(new IPEndPoint(address, Port), cancellationToken).ConfigureAwait(false);
            else
                await socket.ConnectAsync(new DnsEndPoint(Host ?? "", Port), cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new DockerApiException(null, $"cannot connect to the engine at '{Text}': {Reason(e)}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private string Reason(Exception e) => e is SocketException s
        ? s.SocketErrorCode switch
        {
            // .NET reports ENOENT, which connect(2) gives for a socket file that isn't there, under this name.
            SocketError.AddressNotAvailable when SocketPath is not null => "no such file or directory",
            SocketError.AddressNotAvailable or SocketError.NetworkUnreachable => "network is unreachable",
            SocketError.ConnectionRefused => "connection refused",
            SocketError.AccessDenied => "permission denied",
            SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "no such host",
            _ => s.Message,
        }
        : e.Message;

    private static bool TryParseAuthority(string text, out string host, out int port)
    {
        host = text;
        port = DefaultPort;
        if (text.Length == 0 || text.Contains('/')) return false;
        string portText = "";
        if (text[0] == '[')
        {
            int end = text.IndexOf(']');
            if (end < 0 || (end + 1 < text.Length && text[end + 1] != ':')) return false;
            host = text[1..end];
            if (end + 1 < text.Length) portText = text[(end + 2)..];
            else return host.Length > 0;
        }
        else
        {
            int colon = text.LastIndexOf(':');
            if (colon < 0) return true;
            host = text[..colon];
            portText = text[(colon + 1)..];
            if (host.Length == 0) host = "127.0.0.1";
            if (host.Contains(':')) return false;
        }
        return int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535 && host.Length > 0;
    }
}
