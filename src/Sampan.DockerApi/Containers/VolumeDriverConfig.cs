namespace Sampan.DockerApi.Containers;

/// <summary>The driver of a volume and its options.</summary>
public sealed record VolumeDriverConfig
{
    /// <summary>The driver's name.</summary>
    public string? Name { get; init; }

    /// <summary>The driver's options.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; init; }
}
