using System.Text.Json.Serialization;

namespace Sampan.Storage.Volumes.Plugins;

/// <summary>The protocol's JSON.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PluginRequest))]
[JsonSerializable(typeof(PluginAnswer))]
[JsonSerializable(typeof(PluginSpec))]
internal sealed partial class PluginJson : JsonSerializerContext;
