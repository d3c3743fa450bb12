using Sampan.DockerApi.Images;
using Sampan.Engine.Images;
using Sampan.Oci.Images;

namespace Sampan.Server.Docker.Images;

/// <summary>Makes Docker's words from the manifests of an image for several platforms.</summary>
internal static class ImagePartMapper
{
    /// <summary>The manifests, in the index's order.</summary>
    /// <param name="parts">What the engine knows.</param>
    /// <param name="identity">Where those that are here come from; null: not asked for, or unknown.</param>
    internal static IReadOnlyList<ImageManifestSummary> ToManifests(IReadOnlyList<ImagePart> parts, ImageIdentity? identity = null) => [.. parts.Select(part => ToManifest(part, identity))];

    /// <summary>A descriptor.</summary>
    internal static OciDescriptor ToDescriptor(Descriptor descriptor) => new()
    {
        MediaType = descriptor.MediaType ?? "",
        Digest = descriptor.Digest.ToString(),
        Size = descriptor.Size,
        Annotations = descriptor.Annotations,
        Platform = descriptor.Platform is null ? null : ToPlatform(descriptor.Platform),
        ArtifactType = descriptor.ArtifactType,
    };

    private static ImageManifestSummary ToManifest(ImagePart part, ImageIdentity? identity) => new()
    {
        ID = part.Descriptor.Digest.ToString(),
        Descriptor = ToDescriptor(part.Descriptor),
        Available = part.IsComplete,
        Size = new ImageManifestSize { Content = part.ContentBytes, Total = part.ContentBytes + part.UnpackedBytes },
        Kind = part.IsAttestation ? "attestation" : part.Platform is { Os: not ("" or "unknown") } ? "image" : "unknown",
        ImageData = part.IsAttestation || part.Platform is not { Os: not ("" or "unknown") } platform ? null : new ImageManifestData
        {
            Platform = ToPlatform(platform),
            Identity = part.IsComplete ? identity : null,
            Containers = part.Containers,
            Size = new ImageManifestUnpacked { Unpacked = part.UnpackedBytes },
        },
        AttestationData = part is { IsAttestation: true, Attests: { } subject } ? new ImageAttestationData { For = subject } : null,
    };

    private static OciPlatform ToPlatform(Platform platform) => new()
    {
        Architecture = platform.Architecture,
        Os = platform.Os,
        OsVersion = platform.OsVersion,
        OsFeatures = platform.OsFeatures,
        Variant = platform.Variant,
    };
}
