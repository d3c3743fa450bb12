using System.Text.Json;

namespace Sampan.Engine.Logs;

/// <summary>
/// One line of a json-file log:
/// <code>{"log":"hello\n","stream":"stdout","time":"2026-11-21T04:17:00.123456789Z"}</code>
/// </summary>
internal static class LogLine
{
    /// <summary>Reads one line. False when it is not whole or damaged, as the last line after a crash may be.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out LogEntry? entry)
    {
        entry = null;
        try
        {
            var reader = new Utf8JsonReader(line);
            byte[]? text = null;
            var stream = LogStream.Stdout;
            DateTimeOffset? time = null;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isLog = reader.ValueTextEquals("log"u8);
                var isStream = reader.ValueTextEquals("stream"u8);
                var isTime = reader.ValueTextEquals("time"u8);
                if (!reader.Read())
                    return false;
                if (isLog)
                    text = Bytes(ref reader);
                else if (isStream)
                    stream = reader.ValueTextEquals("stderr"u8) ? LogStream.Stderr : LogStream.Stdout;
                else if (isTime)
                    time = reader.GetDateTimeOffset();
                else
                    reader.Skip();
            }

            if (text is null || time is null)
                return false;
            entry = new LogEntry(stream, time.Value, text);
            return true;
        }
        catch (Exception damaged) when (damaged is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    private static byte[] Bytes(ref Utf8JsonReader reader)
    {
        var buffer = new byte[reader.ValueSpan.Length];
        return buffer.AsSpan(0, reader.CopyString(buffer)).ToArray();
    }
}
