using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Images;

/// <summary>One entry of GET /images/json.</summary>
public sealed record ImageSummary
{
    /// <summary>Containers that use it; -1: not counted.</summary>
    public long Containers { get; init; }

    /// <summary>When it was created, seconds since 1970.</summary>
    public long Created { get; init; }

    /// <summary>The image's id.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>Its labels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The image it was built from, if this engine built it.</summary>
    public string ParentId { get; init => field = value ?? ""; } = "";

    /// <summary>Its manifest or index.</summary>
    public OciDescriptor? Descriptor { get; init; }

    /// <summary>Its manifests, if asked for.</summary>
    public IReadOnlyList<ImageManifestSummary>? Manifests { get; init; }

    /// <summary>Names with digest.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? RepoDigests { get; init; }

    /// <summary>Names with tag.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? RepoTags { get; init; }

    /// <summary>Bytes shared with other images; -1: not computed.</summary>
    public long SharedSize { get; init; }

    /// <summary>Bytes of all layers.</summary>
    public long Size { get; init; }

    /// <summary>The same as Size (API before 1.44).</summary>
    public long? VirtualSize { get; init; }
}
