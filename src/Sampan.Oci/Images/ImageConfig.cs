using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>
/// The configuration of an image: its platform, its layers' contents and what a container made of it runs.
/// Its digest is the image's identity, so a read configuration is never written again from this record: its bytes are kept.
/// See <see href="https://github.com/opencontainers/image-spec/blob/main/config.md">image-spec, config</see>.
/// </summary>
public sealed record ImageConfig
{
    /// <summary>When the image was made, or null.</summary>
    [JsonPropertyName("created")]
    public DateTimeOffset? Created { get; init; }

    /// <summary>Who made it, or null.</summary>
    [JsonPropertyName("author")]
    public string? Author { get; init; }

    /// <summary>The processor, for example <c>amd64</c>.</summary>
    [JsonPropertyName("architecture")]
    public string Architecture { get; init => field = value ?? ""; } = "";

    /// <summary>The operating system, for example <c>linux</c>.</summary>
    [JsonPropertyName("os")]
    public string Os { get; init => field = value ?? ""; } = "";

    /// <summary>The version of the operating system, or null.</summary>
    [JsonPropertyName("os.version")]
    public string? OsVersion { get; init; }

    /// <summary>The variant of the processor, or null.</summary>
    [JsonPropertyName("variant")]
    public string? Variant { get; init; }

    /// <summary>What a container runs if its creator says nothing else.</summary>
    [JsonPropertyName("config")]
    public ImageDefaults Config { get; init => field = value ?? new ImageDefaults(); } = new();

    /// <summary>The layers by their uncompressed contents.</summary>
    [JsonPropertyName("rootfs")]
    public RootFileSystem RootFs { get; init => field = value ?? new RootFileSystem(); } = new();

    /// <summary>How each layer came about, lowest first.</summary>
    [JsonPropertyName("history")]
    public IReadOnlyList<HistoryEntry> History { get; init => field = value ?? []; } = [];

    /// <summary>The version of the docker that made it, or null.</summary>
    [JsonPropertyName("docker_version")]
    public string? DockerVersion { get; init; }

    /// <summary>The image this one was built on, as older engines noted it, or null.</summary>
    [JsonPropertyName("parent")]
    public string? Parent { get; init; }

    /// <summary>The comment given with a commit or an import, or null.</summary>
    [JsonPropertyName("comment")]
    public string? Comment { get; init; }

    /// <summary>The platform, as one value.</summary>
    [JsonIgnore]
    public Platform Platform => new() { Architecture = Architecture, Os = Os, OsVersion = OsVersion, Variant = Variant };
}
