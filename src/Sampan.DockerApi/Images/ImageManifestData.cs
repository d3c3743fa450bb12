using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Images;

/// <summary>About an image manifest.</summary>
public sealed record ImageManifestData
{
    /// <summary>Its platform.</summary>
    public OciPlatform? Platform { get; init; }

    /// <summary>Where the image comes from, if that was asked for and is known.</summary>
    public ImageIdentity? Identity { get; init; }

    /// <summary>Containers that use it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Containers { get; init; }

    /// <summary>Bytes unpacked.</summary>
    public ImageManifestUnpacked? Size { get; init; }
}
