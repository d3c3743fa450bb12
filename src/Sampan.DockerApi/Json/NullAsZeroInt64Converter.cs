using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Json;

/// <summary>Reads a JSON null as the number's zero value, as Go's decoder does.</summary>
internal sealed class NullAsZeroInt64Converter : JsonConverter<long>
{
    public override bool HandleNull => true;

    public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? default : reader.GetInt64();

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}
