using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sampan.DockerApi.Containers;

namespace Sampan.DockerApi;

/// <summary>
/// Writes the answer that is asked for most and grows with what runs, as <see cref="DockerApiJson.Wire"/> would, but by the code that is generated to write
/// each type (see <see cref="RequestJson"/>); a test compares both ways for every property.
/// </summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<ContainerSummary>), TypeInfoPropertyName = "ContainerSummaryList")]
public sealed partial class AnswerJson : JsonSerializerContext
{
    private const int BytesOfOne = 1400;
    private static readonly JsonWriterOptions s_writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>GET /containers/json.</summary>
    public static ReadOnlyMemory<byte> Write(IReadOnlyList<ContainerSummary> containers)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + containers.Count * BytesOfOne);
        using (var writer = new Utf8JsonWriter(buffer, s_writing))
            new AnswerJson().ContainerSummaryListSerializeHandler(writer, containers);
        return buffer.WrittenMemory;
    }
}
