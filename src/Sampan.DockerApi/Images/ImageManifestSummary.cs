namespace Sampan.DockerApi.Images;

/// <summary>One manifest of an image.</summary>
public sealed record ImageManifestSummary
{
    /// <summary>Digest of the manifest.</summary>
    public string ID { get; init => field = value ?? ""; } = "";

    /// <summary>The manifest's descriptor.</summary>
    public OciDescriptor? Descriptor { get; init; }

    /// <summary>Whether all its content is here.</summary>
    public bool Available { get; init; }

    /// <summary>Bytes it takes.</summary>
    public ImageManifestSize? Size { get; init; }

    /// <summary>image, attestation or unknown.</summary>
    public string Kind { get; init => field = value ?? ""; } = "";

    /// <summary>About an image manifest.</summary>
    public ImageManifestData? ImageData { get; init; }

    /// <summary>About an attestation's manifest.</summary>
    public ImageAttestationData? AttestationData { get; init; }
}
