using Sampan.DockerApi.Images;

namespace Sampan.DockerApi.Stores;

/// <summary>Sampan's own, GET /sampan/images/{name}/referrers: what is attached to an image at its registry.</summary>
public sealed record ReferrerList
{
    /// <summary>What the name points to.</summary>
    public OciDescriptor? Subject { get; init; }

    /// <summary>The manifests that name it as what they are about.</summary>
    public IReadOnlyList<OciDescriptor> Referrers { get; init => field = value ?? []; } = [];
}
