using System.Text.Json.Serialization;

namespace Sampan.Oci.Runtime;

/// <summary>
/// JSON of the runtime specification. Unknown members are ignored, as the specification asks; empty collections and missing values are
/// read alike (a missing member leaves an empty collection, never null).
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RuntimeSpec))]
[JsonSerializable(typeof(OciProcess))]
[JsonSerializable(typeof(ContainerState))]
[JsonSerializable(typeof(ContainerProcessState))]
[JsonSerializable(typeof(Features))]
[JsonSerializable(typeof(Resources))]
[JsonSerializable(typeof(IReadOnlyList<Mount>))]
public sealed partial class OciRuntimeJson : JsonSerializerContext;
