namespace Sampan.DockerApi.Images;

/// <summary>What a registry has under a name: the answer of GET /distribution/{name}/json.</summary>
public sealed record DistributionInspect
{
    /// <summary>The manifest or index.</summary>
    public required OciDescriptor Descriptor { get; init; }

    /// <summary>The platforms that it has an image for.</summary>
    public IReadOnlyList<OciPlatform> Platforms { get; init => field = value ?? []; } = [];
}
