using System.Text.Json.Serialization;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime;

/// <summary>JSON of the runtime's own files and messages.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ContainerRecord))]
[JsonSerializable(typeof(SupervisorLaunch))]
[JsonSerializable(typeof(ExitRecord))]
internal sealed partial class RuntimeJson : JsonSerializerContext;
