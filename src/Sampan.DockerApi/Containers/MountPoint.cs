namespace Sampan.DockerApi.Containers;

/// <summary>A mount in a container, as it turned out.</summary>
public sealed record MountPoint
{
    /// <summary>bind, volume, tmpfs, image, npipe or cluster.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>The volume's name; null for other types.</summary>
    public string? Name { get; init; }

    /// <summary>Path on the host.</summary>
    public string Source { get; init => field = value ?? ""; } = "";

    /// <summary>Path in the container.</summary>
    public string Destination { get; init => field = value ?? ""; } = "";

    /// <summary>The volume's driver.</summary>
    public string? Driver { get; init; }

    /// <summary>The options as they were given.</summary>
    public string Mode { get; init => field = value ?? ""; } = "";

    /// <summary>Whether it is writable.</summary>
    public bool RW { get; init; }

    /// <summary>Mount propagation.</summary>
    public string Propagation { get; init => field = value ?? ""; } = "";
}
