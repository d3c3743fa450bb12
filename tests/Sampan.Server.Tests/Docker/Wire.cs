using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Sampan.DockerApi;
using Sampan.Server.Docker;

namespace Sampan.Server.Tests.Docker;

/// <summary>Answers as a client of some version sees them, indented.</summary>
internal static class Wire
{
    internal static JsonNode Lowered<T>(T value, JsonTypeInfo<T> type, Shape shape, ApiVersion version)
    {
        var node = JsonSerializer.SerializeToNode(value, type).ShouldNotBeNull();
        ApiVersionShims.Lower(shape, version, node);
        return node;
    }

    internal static string Indented(JsonNode node) =>
        node.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
