using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sampan.Oci.Plugins;

/// <summary>Reads and writes the documents of plugins, without reflection: names in any case, nulls as Docker writes them.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(PluginConfig))]
[JsonSerializable(typeof(PluginSettings))]
[JsonSerializable(typeof(IReadOnlyList<PluginPrivilege>), TypeInfoPropertyName = "PrivilegeList")]
public sealed partial class PluginJson : JsonSerializerContext
{
    /// <summary>As others read it too: characters as they are.</summary>
    public static PluginJson Plain { get; } = new(new JsonSerializerOptions { PropertyNameCaseInsensitive = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
