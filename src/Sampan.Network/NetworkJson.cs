using System.Text.Json.Serialization;
using Sampan.Network.Bridges;
using Sampan.Network.Endpoints;
using Sampan.Network.Services;

namespace Sampan.Network;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SandboxRecord))]
[JsonSerializable(typeof(NetworkDocument))]
[JsonSerializable(typeof(HostChanges))]
[JsonSerializable(typeof(VirtualServices))]
internal sealed partial class NetworkJson : JsonSerializerContext;
