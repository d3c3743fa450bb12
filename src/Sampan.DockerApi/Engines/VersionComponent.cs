namespace Sampan.DockerApi.Engines;

/// <summary>A part of the engine.</summary>
public sealed record VersionComponent
{
    /// <summary>Its name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Its version.</summary>
    public string Version { get; init => field = value ?? ""; } = "";

    /// <summary>Further facts.</summary>
    public IReadOnlyDictionary<string, string>? Details { get; init; }
}
