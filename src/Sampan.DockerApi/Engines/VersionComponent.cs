namespace Sampan.DockerApi.Engines;

/// <summary>A part of the engine.</summary>
public sealed record VersionComponent
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its version.</summary>
    public string Version { get; init; } = "";

    /// <summary>Further facts.</summary>
    public IReadOnlyDictionary<string, string>? Details { get; init; }
}
