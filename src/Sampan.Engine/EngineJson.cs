using System.Text.Json.Serialization;
using Sampan.Engine.Containers;

namespace Sampan.Engine;

/// <summary>The engine's records as JSON, generated at build time.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(ContainerSnapshot))]
internal sealed partial class EngineJson : JsonSerializerContext;
