using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sampan.Linux.Io;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Commands;

/// <summary>The log as runc writes it: on standard error, or in <c>--log</c> for engines that read it there.</summary>
internal sealed class CommandLog
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>File that is appended to, or null for standard error.</summary>
    internal string? Path { get; set; }

    internal bool IsJson { get; set; }

    /// <summary>True to say what is done, too.</summary>
    internal bool WantsDebug { get; set; }

    internal void Debug(string message)
    {
        if (WantsDebug)
            Append("debug", message);
    }

    internal void Warn(string message) => Append("warning", message);

    /// <summary>The end of a command that failed: in the log for engines, on standard error for people.</summary>
    internal void Error(string message)
    {
        Append("error", message);
        if (Path is not null)
            StandardStreams.WriteError(message + "\n");
    }

    private void Append(string level, string message)
    {
        var line = Format(level, message, TimeProvider.System.GetUtcNow(), IsJson);
        if (Path is null)
        {
            StandardStreams.WriteError(line);
            return;
        }
        try
        {
            using var file = HostFile.Open(Path, OpenFlags.WriteOnly | OpenFlags.Append | OpenFlags.Create, Mode);
            file.WriteAll(Encoding.UTF8.GetBytes(line));
        }
        catch (Sampan.Linux.LinuxException failure)
        {
            StandardStreams.WriteError(Format("error", failure.Message, TimeProvider.System.GetUtcNow(), json: false) + line);
        }
    }

    /// <summary>A line: members in runc's order, in text a word bare where logrus leaves it bare.</summary>
    internal static string Format(string level, string message, DateTimeOffset at, bool json)
    {
        var time = at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        return json
            ? $"{{\"level\":\"{level}\",\"msg\":\"{JsonEncodedText.Encode(message, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\",\"time\":\"{time}\"}}\n"
            : $"time=\"{time}\" level={level} msg={(IsBare(message) ? message : GoText.Quote(message))}\n";
    }

    private static readonly SearchValues<char> s_bare = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/@^+");

    private static bool IsBare(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(s_bare);
}
