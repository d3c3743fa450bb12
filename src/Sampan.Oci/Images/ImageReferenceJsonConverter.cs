using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>References are strings in JSON, written in full.</summary>
public sealed class ImageReferenceJsonConverter : JsonConverter<ImageReference>
{
    /// <inheritdoc/>
    public override ImageReference Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        return ImageReference.TryParseExact(text, out var reference, out var error) ? reference : throw new JsonException($"{error}: '{text}'");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ImageReference value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
