using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sampan.Runtime.Commands;

/// <summary>JSON for people.</summary>
internal static class IndentedJson
{
    /// <summary>Formats a document.</summary>
    /// <param name="json">The document.</param>
    /// <param name="indent">Spaces for each level; 0 for a tab.</param>
    /// <param name="dropsEmpty">True to leave empty arrays and objects out.</param>
    internal static string Format(ReadOnlyMemory<byte> json, int indent, bool dropsEmpty)
    {
        using var document = JsonDocument.Parse(json);
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions
        {
            Indented = true,
            IndentCharacter = indent == 0 ? '\t' : ' ',
            IndentSize = Math.Max(1, indent),
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (var writer = new Utf8JsonWriter(buffer, options))
            Write(writer, document.RootElement, dropsEmpty);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element, bool dropsEmpty)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject())
                {
                    if (dropsEmpty && IsEmpty(member.Value))
                        continue;
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, dropsEmpty);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    Write(writer, item, dropsEmpty);
                writer.WriteEndArray();
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    private static bool IsEmpty(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.GetArrayLength() == 0,
        JsonValueKind.Object => !element.EnumerateObject().Any(member => !IsEmpty(member.Value)),
        _ => false,
    };
}
