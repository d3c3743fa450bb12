using System.Text.Json.Serialization;

namespace Sampan.Storage.Images.Layouts;

/// <summary>One image in the <c>manifest.json</c> of a docker-archive.</summary>
internal sealed record ArchiveManifest
{
    /// <summary>Path of the configuration in the archive.</summary>
    [JsonPropertyName("Config")]
    public string? Config { get; init; }

    /// <summary>Names with tags.</summary>
    [JsonPropertyName("RepoTags")]
    public IReadOnlyList<string> RepoTags { get; init => field = value ?? []; } = [];

    /// <summary>Paths of the layers in the archive, lowest first.</summary>
    [JsonPropertyName("Layers")]
    public IReadOnlyList<string> Layers { get; init => field = value ?? []; } = [];

    /// <summary>The parent's identity, in archives of several images of one family.</summary>
    [JsonPropertyName("Parent")]
    public string? Parent { get; init; }
}
