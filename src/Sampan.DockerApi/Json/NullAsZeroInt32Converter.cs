using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Json;

/// <summary>Reads a JSON null as the number's zero value, as Go's decoder does.</summary>
internal sealed class NullAsZeroInt32Converter : JsonConverter<int>
{
    public override bool HandleNull => true;

    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? default : reader.GetInt32();

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
