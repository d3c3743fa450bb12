using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>Where a receiver of logs listens, as <c>tcp://host:port</c>, <c>udp://…</c>, <c>tcp+tls://…</c>, <c>unix:///path</c> or <c>unixgram:///path</c>.</summary>
/// <param name="Protocol">The part before <c>://</c>.</param>
/// <param name="Host">A name or address; empty for a path.</param>
/// <param name="Port">1 to 65535; 0 for a path.</param>
/// <param name="Path">The socket's path; empty for a host.</param>
internal sealed record LogAddress(string Protocol, string Host, int Port, string Path)
{
    /// <summary>Reads an address.</summary>
    /// <param name="option">The option's name, for messages.</param>
    /// <param name="text">Its value; <c>host:port</c> alone is tcp, for fluentd.</param>
    /// <param name="port">The port when none is given.</param>
    /// <param name="protocols">Those that the driver knows.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static LogAddress Parse(string option, string text, int port, params ReadOnlySpan<string> protocols)
    {
        var colon = text.IndexOf("://", StringComparison.Ordinal);
        if (colon < 0 && option != "fluentd-address")
            throw new FormatException($"{option} should be in form proto://address, got {text}");
        var protocol = colon < 0 ? "tcp" : text[..colon];
        var rest = colon < 0 ? text : text[(colon + 3)..];
        if (!protocols.Contains(protocol))
            throw new FormatException($"invalid value of '{option}': '{text}': expected {string.Join(", ", protocols.ToArray().Select(p => p + "://"))}");
        if (protocol.StartsWith("unix", StringComparison.Ordinal))
            return rest.StartsWith('/') ? new LogAddress(protocol, "", 0, rest) : throw new FormatException($"invalid value of '{option}': '{text}': expected an absolute path");
        if (!Uri.TryCreate($"log://{rest}", UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.AbsolutePath is not ("/" or "") || uri.Query.Length > 0)
            throw new FormatException($"invalid value of '{option}': '{text}': expected {protocol}://host:port");
        return new LogAddress(protocol, uri.Host.Trim('[', ']'), uri.Port > 0 ? uri.Port : port, "");
    }

    /// <summary>Connects a datagram socket. Nothing is asked of the other side.</summary>
    public async Task<Socket> ConnectDatagramAsync(CancellationToken ct)
    {
        var unix = Path.Length > 0;
        var socket = unix ? new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) : new Socket(SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (unix)
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path), ct);
            else
                await socket.ConnectAsync(Host, Port, ct);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects a stream.</summary>
    /// <param name="tls">How the other side proves who it is; null: plain.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<Stream> ConnectStreamAsync(LogTls? tls, CancellationToken ct)
    {
        var unix = Path.Length > 0;
        var socket = unix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            if (unix)
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path), ct);
            else
                await socket.ConnectAsync(Host, Port, ct);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (tls is null)
                return stream;
            var secure = new SslStream(stream, leaveInnerStreamOpen: false);
            stream = secure;
            await secure.AuthenticateAsClientAsync(tls.Options(Host), ct);
            return secure;
        }
        catch (Exception failure)
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            if (failure is AuthenticationException or FormatException)
                throw new IOException($"TLS with {this} failed: {failure.Message}", failure);
            throw;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Path.Length > 0 ? $"{Protocol}://{Path}" : string.Create(CultureInfo.InvariantCulture, $"{Protocol}://{Host}:{Port}");
}
