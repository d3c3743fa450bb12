using System.Text.Json.Serialization;

namespace Sampan.Engine.Devices;

/// <summary>CDI files as records. A member that is not known is refused: what it asks for would be missing silently.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CdiSpec))]
internal sealed partial class CdiJson : JsonSerializerContext;
