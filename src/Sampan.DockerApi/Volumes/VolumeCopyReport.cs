namespace Sampan.DockerApi.Volumes;

/// <summary>Sampan only: a volume that was made of another, or of an archive.</summary>
public sealed record VolumeCopyReport
{
    /// <summary>The new volume.</summary>
    public VolumeInspect Volume { get; init => field = value ?? new VolumeInspect(); } = new();

    /// <summary>What one should know of its content.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }
}
