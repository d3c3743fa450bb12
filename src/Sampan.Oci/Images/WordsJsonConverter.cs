using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>Words of a command line: an array, or, as the oldest images have it, one string that is the only word.</summary>
public sealed class WordsJsonConverter : JsonConverter<IReadOnlyList<string>?>
{
    /// <inheritdoc/>
    public override IReadOnlyList<string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String:
                return [reader.GetString() ?? ""];
            case JsonTokenType.StartArray:
                var words = new List<string>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    words.Add(reader.TokenType == JsonTokenType.String ? reader.GetString() ?? "" : throw new JsonException("want an array of strings"));
                return words;
            default:
                throw new JsonException("want an array of strings");
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string>? value, JsonSerializerOptions options)
    {
        if (value is null)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteStartArray();
        foreach (var word in value)
            writer.WriteStringValue(word);
        writer.WriteEndArray();
    }
}
