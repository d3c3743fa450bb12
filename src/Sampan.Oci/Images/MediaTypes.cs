namespace Sampan.Oci.Images;

/// <summary>What a blob is, in OCI's and Docker's words, and how a layer is compressed.</summary>
public static class MediaTypes
{
    /// <summary>A manifest of one image, OCI.</summary>
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>A list of manifests, one per platform, OCI.</summary>
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";

    /// <summary>The configuration of an image, OCI.</summary>
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";

    /// <summary>A plain tar layer, OCI.</summary>
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar";

    /// <summary>A gzip-compressed tar layer, OCI.</summary>
    public const string OciLayerGzip = OciLayer + "+gzip";

    /// <summary>A zstd-compressed tar layer, OCI.</summary>
    public const string OciLayerZstd = OciLayer + "+zstd";

    /// <summary>A manifest of one image, Docker's schema 2.</summary>
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>A list of manifests, one per platform, Docker.</summary>
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>The configuration of an image, Docker.</summary>
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";

    /// <summary>A plain tar layer, Docker.</summary>
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";

    /// <summary>A gzip-compressed tar layer, Docker.</summary>
    public const string DockerLayerGzip = DockerLayer + ".gzip";

    /// <summary>A zstd-compressed tar layer, Docker.</summary>
    public const string DockerLayerZstd = DockerLayer + ".zstd";

    /// <summary>True for a manifest of one image.</summary>
    public static bool IsManifest(string? mediaType) => mediaType is OciManifest or DockerManifest;

    /// <summary>True for a list of manifests.</summary>
    public static bool IsIndex(string? mediaType) => mediaType is OciIndex or DockerManifestList;

    /// <summary>True for the configuration of a container image, as opposed to an artifact's.</summary>
    public static bool IsConfig(string? mediaType) => mediaType is OciConfig or DockerConfig;

    /// <summary>True for a layer that can be unpacked; foreign and encrypted layers and artifacts are none.</summary>
    public static bool IsLayer(string? mediaType) =>
        mediaType is OciLayer or OciLayerGzip or OciLayerZstd or DockerLayer or DockerLayerGzip or DockerLayerZstd;
}
