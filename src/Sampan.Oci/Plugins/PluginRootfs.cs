using System.Text.Json.Serialization;

namespace Sampan.Oci.Plugins;

/// <summary>Which layers a plugin's files come from.</summary>
public sealed record PluginRootfs
{
    /// <summary>The layers' digests, lowest first: Docker writes those of the compressed blobs.</summary>
    [JsonPropertyName("diff_ids")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? DiffIds { get; init; }

    /// <summary><c>layers</c>.</summary>
    [JsonPropertyName("type")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }
}
