using System.Text.Json.Serialization;

namespace Sampan.Storage.Registry;

/// <summary>What is on disk of an upload beside its bytes.</summary>
internal sealed record UploadRecord
{
    /// <summary>The repository that it goes to.</summary>
    [JsonPropertyName("repository")]
    public required string Repository { get; init; }

    /// <summary>Who began it; null: there are no users.</summary>
    [JsonPropertyName("user")]
    public string? User { get; init; }

    /// <summary>The algorithm that its digest is expected to have.</summary>
    [JsonPropertyName("algorithm")]
    public string? Algorithm { get; init; }
}
