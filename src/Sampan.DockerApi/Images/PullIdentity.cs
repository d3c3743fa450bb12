namespace Sampan.DockerApi.Images;

/// <summary>A repository that has the image.</summary>
public sealed record PullIdentity
{
    /// <summary>Its whole name, with the registry.</summary>
    public string Repository { get; init => field = value ?? ""; } = "";
}
