using System.Text;
using System.Text.Json;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Commands;

/// <summary>Tells errors the way runc does: on standard error, and in <c>--log</c> for engines that read it there.</summary>
internal sealed class ErrorLog
{
    /// <summary>File that is appended to, or null.</summary>
    internal string? Path { get; set; }

    internal bool IsJson { get; set; }

    internal void Write(string level, string message)
    {
        var line = Format(level, message);
        if (Path is null)
        {
            StandardStreams.WriteError(line);
            return;
        }
        try
        {
            using var file = HostFile.Open(Path, OpenFlags.WriteOnly | OpenFlags.Append | OpenFlags.Create, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            file.WriteAll(Encoding.UTF8.GetBytes(line));
        }
        catch (Sampan.Linux.LinuxException failure)
        {
            StandardStreams.WriteError(Format("error", failure.Message));
        }
        // Engines read the file, people the stream.
        StandardStreams.WriteError(message + "\n");
    }

    private string Format(string level, string message)
    {
        var time = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        return IsJson
            ? $"{{\"level\":\"{level}\",\"msg\":\"{JsonEncodedText.Encode(message)}\",\"time\":\"{time}\"}}\n"
            : $"time=\"{time}\" level={level} msg=\"{new StringBuilder(message).Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"\n";
    }
}
