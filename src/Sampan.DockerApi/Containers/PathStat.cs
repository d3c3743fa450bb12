using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>What the X-Docker-Container-Path-Stat header carries about a path, as base64 of its JSON.</summary>
public sealed record PathStat
{
    /// <summary>The base name.</summary>
    [JsonPropertyName("name")]
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Bytes.</summary>
    [JsonPropertyName("size")]
    public long Size { get; init; }

    /// <summary>Mode bits as Go's os.FileMode.</summary>
    [JsonPropertyName("mode")]
    public long Mode { get; init; }

    /// <summary>When it was last changed, RFC 3339.</summary>
    [JsonPropertyName("mtime")]
    public string Mtime { get; init => field = value ?? ""; } = "";

    /// <summary>Where a symbolic link leads.</summary>
    [JsonPropertyName("linkTarget")]
    public string LinkTarget { get; init => field = value ?? ""; } = "";
}
