namespace Sampan.DockerApi.Images;

/// <summary>About an attestation's manifest.</summary>
public sealed record ImageAttestationData
{
    /// <summary>Digest of the manifest that it is about.</summary>
    public string For { get; init => field = value ?? ""; } = "";
}
