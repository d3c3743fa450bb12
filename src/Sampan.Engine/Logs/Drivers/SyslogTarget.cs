using System.Globalization;
using System.Net.Sockets;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>The driver <c>syslog</c>: datagrams, or a stream, perhaps with TLS.</summary>
internal sealed class SyslogTarget(LogAddress address, LogTls? tls, SyslogFormat format, LogOrigin origin) : ILogTarget
{
    private const int Port = 514;
    private const int TlsPort = 6514;
    private const string LocalSocket = "/dev/log";

    private Socket? _datagrams;
    private Stream? _stream;

    /// <summary>By a container's options.</summary>
    /// <exception cref="FormatException">One is wrong.</exception>
    public static SyslogTarget From(LogOrigin origin, IReadOnlyDictionary<string, string> options)
    {
        var tls = Tls(options);
        var secure = tls is not null;
        var address = options.TryGetValue("syslog-address", out var text)
            ? LogAddress.Parse("syslog-address", text, secure ? TlsPort : Port, "udp", "tcp", "tcp+tls", "unix", "unixgram")
            : new LogAddress("unixgram", "", 0, LocalSocket);
        var kind = options.GetValueOrDefault("syslog-format") ?? "";
        if (kind is not ("" or "rfc3164" or "rfc5424" or "rfc5424micro"))
            throw new FormatException($"invalid value of 'syslog-format': '{kind}': expected rfc3164, rfc5424 or rfc5424micro");
        return new SyslogTarget(address, tls, new SyslogFormat(kind, Facility(options.GetValueOrDefault("syslog-facility") ?? "daemon"), secure && kind.StartsWith("rfc5424", StringComparison.Ordinal)), origin);
    }

    /// <summary>How the receiver proves who it is, by a container's options; null: the address is none of TLS.</summary>
    public static LogTls? Tls(IReadOnlyDictionary<string, string> options)
    {
        return options.GetValueOrDefault("syslog-address")?.StartsWith("tcp+tls://", StringComparison.Ordinal) == true
            ? new LogTls(File("syslog-tls-ca-cert"), File("syslog-tls-cert"), File("syslog-tls-key"), LogDrivers.Says(options, "syslog-tls-skip-verify"))
            : null;

        string? File(string option) => options.GetValueOrDefault(option) is { Length: > 0 } file ? file : null;
    }

    /// <inheritdoc/>
    public async Task SendAsync(LogEntry entry, CancellationToken ct)
    {
        if (_datagrams is null && _stream is null)
            await ConnectAsync(ct);
        var message = format.Write(entry, origin, Environment.ProcessId);
        if (_datagrams is not null)
            await _datagrams.SendAsync(message, ct);
        else if (_stream is not null)
            await _stream.WriteAsync(message, ct);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _datagrams?.Dispose();
        if (_stream is not null)
            await _stream.DisposeAsync();
    }

    // A path may be either kind of socket: syslog daemons differ.
    private async Task ConnectAsync(CancellationToken ct)
    {
        if (address.Protocol is "udp" or "unixgram")
        {
            _datagrams = await address.ConnectDatagramAsync(ct);
            return;
        }

        try
        {
            _stream = await address.ConnectStreamAsync(tls, ct);
        }
        catch (SocketException other) when (address.Protocol == "unix" && other.SocketErrorCode == SocketError.ProtocolType)
        {
            // Which of the two a socket speaks is told by the refusal alone.
            _datagrams = await address.ConnectDatagramAsync(ct);
        }
    }

    private static int Facility(string text)
    {
        for (var number = 0; number < SyslogFormat.Facilities.Count; number++)
        {
            if (text.Length > 0 && SyslogFormat.Facilities[number] == text)
                return number;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given is >= 0 and <= 23
            ? given
            : throw new FormatException($"invalid value of 'syslog-facility': '{text}'");
    }
}
