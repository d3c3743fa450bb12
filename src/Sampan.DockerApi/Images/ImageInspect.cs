using System.Text.Json.Serialization;
using Sampan.DockerApi.Containers;

namespace Sampan.DockerApi.Images;

/// <summary>The answer of GET /images/{name}/json.</summary>
public sealed record ImageInspect
{
    /// <summary>The image's id.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>Where it comes from; null: nobody knows.</summary>
    public ImageIdentity? Identity { get; init; }

    /// <summary>Names with tag.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? RepoTags { get; init; }

    /// <summary>Names with digest.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? RepoDigests { get; init; }

    /// <summary>The image it was built from (older engines).</summary>
    public string? Parent { get; init; }

    /// <summary>The author's comment.</summary>
    public string? Comment { get; init; }

    /// <summary>When it was created, RFC 3339.</summary>
    public string? Created { get; init; }

    /// <summary>The engine that built it (older engines).</summary>
    public string? DockerVersion { get; init; }

    /// <summary>Its author.</summary>
    public string? Author { get; init; }

    /// <summary>What a container of it starts with.</summary>
    public ImageConfig? Config { get; init; }

    /// <summary>The CPU architecture.</summary>
    public string Architecture { get; init => field = value ?? ""; } = "";

    /// <summary>The CPU variant.</summary>
    public string? Variant { get; init; }

    /// <summary>The operating system.</summary>
    public string Os { get; init => field = value ?? ""; } = "";

    /// <summary>The operating system's version.</summary>
    public string? OsVersion { get; init; }

    /// <summary>Bytes of all layers.</summary>
    public long Size { get; init; }

    /// <summary>The same as Size (API before 1.44).</summary>
    public long? VirtualSize { get; init; }

    /// <summary>Where the storage driver keeps it.</summary>
    public DriverData? GraphDriver { get; init; }

    /// <summary>Its layers.</summary>
    public ImageRootFs? RootFS { get; init; }

    /// <summary>What this engine knows of it.</summary>
    public ImageMetadata? Metadata { get; init; }

    /// <summary>Its manifest or index.</summary>
    public OciDescriptor? Descriptor { get; init; }

    /// <summary>Its manifests, if asked for.</summary>
    public IReadOnlyList<ImageManifestSummary>? Manifests { get; init; }
}
