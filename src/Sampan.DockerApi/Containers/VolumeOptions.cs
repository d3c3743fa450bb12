using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>Options of a volume mount.</summary>
public sealed record VolumeOptions
{
    /// <summary>Whether the image's content is not copied into a new volume.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NoCopy { get; init; }

    /// <summary>Labels of a volume that this mount makes.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Path inside the volume that is mounted.</summary>
    public string? Subpath { get; init; }

    /// <summary>Driver of a volume that this mount makes.</summary>
    public VolumeDriverConfig? DriverConfig { get; init; }
}
