using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sampan.Oci.Plugins;

/// <summary>A capability as its text.</summary>
public sealed class PluginCapabilityJsonConverter : JsonConverter<PluginCapability>
{
    /// <inheritdoc/>
    public override PluginCapability Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        PluginCapability.Parse(reader.TokenType == JsonTokenType.String ? reader.GetString() ?? "" : throw new JsonException("a plugin's interface type is a text such as 'docker.volumedriver/1.0'"));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, PluginCapability value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStringValue(value.ToString());
    }
}
