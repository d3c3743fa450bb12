using System.Text.Json.Serialization;

namespace Sampan.Server.Authorization;

/// <summary>The messages of the authorization plugins' protocol.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuthorizationMessage))]
[JsonSerializable(typeof(AuthorizationVerdict))]
[JsonSerializable(typeof(PluginActivation))]
internal sealed partial class AuthorizationJson : JsonSerializerContext;
