using Sampan.DockerApi.Images;
using Sampan.Oci.Images;
using Sampan.Storage.Images;

namespace Sampan.Server.Docker.Images;

/// <summary>Makes Docker's words from the manifests of an image for several platforms.</summary>
internal static class ImageMemberMapper
{
    /// <summary>The manifests, in the index's order.</summary>
    /// <param name="members">What the engine knows.</param>
    /// <param name="containers">The containers by the image that each was made from.</param>
    /// <param name="identity">Where those that are here come from; null: not asked for, or unknown.</param>
    internal static IReadOnlyList<ImageManifestSummary> ToManifests(IReadOnlyList<ImageMember> members, ILookup<string, string> containers, ImageIdentity? identity = null) =>
        [.. members.Select(member => ToManifest(member, containers, identity))];

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

    private static ImageManifestSummary ToManifest(ImageMember member, ILookup<string, string> containers, ImageIdentity? identity) => new()
    {
        ID = member.Descriptor.Digest.ToString(),
        Descriptor = ToDescriptor(member.Descriptor),
        Available = member.IsComplete,
        Size = new ImageManifestSize { Content = member.ContentBytes, Total = member.ContentBytes + member.UnpackedBytes },
        Kind = member.IsAttestation ? "attestation" : member.Platform is { Os: not ("" or "unknown") } ? "image" : "unknown",
        ImageData = member.IsAttestation || member.Platform is not { Os: not ("" or "unknown") } platform ? null : new ImageManifestData
        {
            Platform = ToPlatform(platform),
            Identity = member.IsComplete ? identity : null,
            Containers = member.ImageId is { } id ? [.. containers[id.ToString()]] : [],
            Size = new ImageManifestUnpacked { Unpacked = member.UnpackedBytes },
        },
        AttestationData = member is { IsAttestation: true, Attests: { } subject } ? new ImageAttestationData { For = subject.ToString() } : null,
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
