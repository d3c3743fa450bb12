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
            Dictionary<string, string>? attributes = null;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isLog = reader.ValueTextEquals("log"u8);
                var isStream = reader.ValueTextEquals("stream"u8);
                var isTime = reader.ValueTextEquals("time"u8);
                var isAttributes = reader.ValueTextEquals("attrs"u8);
                if (!reader.Read())
                    return false;
                if (isLog)
                    text = Bytes(ref reader);
                else if (isStream)
                    stream = reader.ValueTextEquals("stderr"u8) ? LogStream.Stderr : LogStream.Stdout;
                else if (isTime)
                    time = reader.GetDateTimeOffset();
                else if (isAttributes && reader.TokenType == JsonTokenType.StartObject)
                    attributes = Texts(ref reader);
                else
                    reader.Skip();
            }

            if (text is null || time is null)
                return false;
            entry = attributes is null ? new LogEntry(stream, time.Value, text) : new LogEntry(stream, time.Value, text) { Attributes = attributes };
            return true;
        }
        catch (Exception damaged) when (damaged is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    private static Dictionary<string, string> Texts(ref Utf8JsonReader reader)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString() ?? "";
            if (reader.Read() && reader.TokenType == JsonTokenType.String)
                texts[name] = reader.GetString() ?? "";
            else
                reader.Skip();
        }

        return texts;
    }

    private static byte[] Bytes(ref Utf8JsonReader reader)
    {
        var buffer = new byte[reader.ValueSpan.Length];
        return buffer.AsSpan(0, reader.CopyString(buffer)).ToArray();
    }
}
