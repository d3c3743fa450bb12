namespace Sampan.DockerApi.Volumes;

/// <summary>Size and users of a volume.</summary>
public sealed record VolumeUsage
{
    /// <summary>Containers that use it; -1: not counted.</summary>
    public long RefCount { get; init; }

    /// <summary>Bytes; -1: not computed.</summary>
    public long Size { get; init; }
}
