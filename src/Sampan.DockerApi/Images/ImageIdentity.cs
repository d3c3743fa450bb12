namespace Sampan.DockerApi.Images;

/// <summary>Where an image comes from, as far as the engine knows by itself.</summary>
public sealed record ImageIdentity
{
    /// <summary>The repositories it was pulled from or pushed to.</summary>
    public IReadOnlyList<PullIdentity>? Pull { get; init; }

    /// <summary>The builds that made it, the youngest first.</summary>
    public IReadOnlyList<BuildIdentity>? Build { get; init; }
}
