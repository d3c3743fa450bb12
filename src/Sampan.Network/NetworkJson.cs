using System.Text.Json.Serialization;
using Sampan.Network.Bridges;
using Sampan.Network.Endpoints;

namespace Sampan.Network;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SandboxRecord))]
[JsonSerializable(typeof(NetworkDocument))]
[JsonSerializable(typeof(HostChanges))]
internal sealed partial class NetworkJson : JsonSerializerContext;
