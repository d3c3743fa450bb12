using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Json;

/// <summary>Reads a JSON null as the flag's zero value, as Go's decoder does.</summary>
internal sealed class NullAsFalseConverter : JsonConverter<bool>
{
    public override bool HandleNull => true;

    public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? default : reader.GetBoolean();

    public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) => writer.WriteBooleanValue(value);
}
