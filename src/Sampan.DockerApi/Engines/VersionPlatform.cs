namespace Sampan.DockerApi.Engines;

/// <summary>The product of a version answer.</summary>
public sealed record VersionPlatform
{
    /// <summary>Its name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";
}
