using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Sampan.Server.Http;

/// <summary>Writes JSON documents that were rewritten for an older client, escaped as <c>DockerApiJson.Wire</c> does.</summary>
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class DockerApiNodes : JsonSerializerContext
{
    /// <summary>How a rewritten document is written.</summary>
    internal static JsonTypeInfo<JsonNode> Wire { get; } =
        new DockerApiNodes(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).JsonNode;
}
