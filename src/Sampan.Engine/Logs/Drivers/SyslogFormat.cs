using System.Globalization;
using System.Text;

namespace Sampan.Engine.Logs.Drivers;

/// <summary>Syslog messages as docker's driver writes them. Pure.</summary>
/// <param name="Kind"><c>""</c> (what <c>/dev/log</c> takes), <c>rfc3164</c>, <c>rfc5424</c> or <c>rfc5424micro</c>.</param>
/// <param name="Facility">0 to 23.</param>
/// <param name="Framed">Each message has its length before it (RFC 5425), as TLS wants for RFC 5424.</param>
internal sealed record SyslogFormat(string Kind, int Facility, bool Framed)
{
    private const int Error = 3;
    private const int Informational = 6;

    /// <summary>The facilities by number.</summary>
    public static IReadOnlyList<string> Facilities { get; } =
    [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "", "", "", "",
        "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];

    /// <summary>One entry as a message with its line end.</summary>
    /// <param name="entry">What was written.</param>
    /// <param name="origin">By whom.</param>
    /// <param name="pid">The sender's process id.</param>
    public byte[] Write(LogEntry entry, LogOrigin origin, int pid)
    {
        var priority = (Facility << 3) | (entry.Stream == LogStream.Stderr ? Error : Informational);
        var local = entry.Time.ToLocalTime();
        var stamp = string.Create(CultureInfo.InvariantCulture, $"{local:MMM} {local.Day,2} {local:HH:mm:ss}");
        var head = Kind switch
        {
            "rfc3164" => $"<{priority}>{stamp} {origin.Hostname} {origin.Tag}[{pid}]: ",
            "rfc5424" => $"<{priority}>1 {Rfc3339(local, "")} {origin.Hostname} {origin.Tag} {pid} {origin.Tag} - ",
            "rfc5424micro" => $"<{priority}>1 {Rfc3339(local, ".ffffff")} {origin.Hostname} {origin.Tag} {pid} {origin.Tag} - ",
            _ => $"<{priority}>{stamp} {origin.Tag}[{pid}]: ",
        };
        var text = entry.Text.Span;
        var ended = text.Length > 0 && text[^1] == (byte)'\n';
        var message = new byte[Encoding.UTF8.GetByteCount(head) + text.Length + (ended ? 0 : 1)];
        var at = Encoding.UTF8.GetBytes(head, message);
        text.CopyTo(message.AsSpan(at));
        message[^1] = (byte)'\n';
        return Framed ? [.. Encoding.ASCII.GetBytes($"{message.Length} "), .. message] : message;
    }

    private static string Rfc3339(DateTimeOffset time, string fraction) =>
        time.ToString("yyyy-MM-dd'T'HH:mm:ss" + fraction, CultureInfo.InvariantCulture) + (time.Offset == TimeSpan.Zero ? "Z" : time.ToString("zzz", CultureInfo.InvariantCulture));
}
