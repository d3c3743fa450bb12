using System.Text.Json.Serialization;

namespace Sampan.Runtime.Filters;

/// <summary>JSON of Docker's filter files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(DockerProfile))]
internal sealed partial class FilterJson : JsonSerializerContext;
