using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sampan.Server.Registry;

/// <summary>Writes the registry's answers, without reflection.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RegistryErrorBody))]
[JsonSerializable(typeof(TagListBody))]
[JsonSerializable(typeof(CatalogBody))]
internal sealed partial class RegistryJson : JsonSerializerContext
{
    /// <summary>Quotes and signs stand as they are: people read messages.</summary>
    internal static RegistryJson Plain { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
