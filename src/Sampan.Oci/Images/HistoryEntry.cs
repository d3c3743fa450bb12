using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>One step in the making of an image.</summary>
public sealed record HistoryEntry
{
    /// <summary>When, or null.</summary>
    [JsonPropertyName("created")]
    public DateTimeOffset? Created { get; init; }

    /// <summary>The command, or null.</summary>
    [JsonPropertyName("created_by")]
    public string? CreatedBy { get; init; }

    /// <summary>Who, or null.</summary>
    [JsonPropertyName("author")]
    public string? Author { get; init; }

    /// <summary>A remark, or null.</summary>
    [JsonPropertyName("comment")]
    public string? Comment { get; init; }

    /// <summary>True if the step made no layer.</summary>
    [JsonPropertyName("empty_layer")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool EmptyLayer { get; init; }
}
