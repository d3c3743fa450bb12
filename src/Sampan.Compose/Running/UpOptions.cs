namespace Sampan.Compose.Running;

/// <summary>How a project is brought up.</summary>
public sealed record UpOptions
{
    /// <summary>The services; empty: all.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>Whether networks and volumes are made that no service uses.</summary>
    public bool AllResources { get; init; }

    /// <summary>Whether the containers of what they depend on are told, too.</summary>
    public bool TellsDependencies { get; init; }

    /// <summary>Whether nothing is said of containers whose services are gone.</summary>
    public bool IgnoreOrphans { get; init; }

    /// <summary>Whether what they depend on comes too.</summary>
    public bool WithDependencies { get; init; } = true;

    /// <summary>When containers are replaced.</summary>
    public RecreateMode Recreate { get; init; }

    /// <summary>Whether those of dependencies are replaced whenever others are.</summary>
    public bool RecreateDependencies { get; init; }

    /// <summary>How many containers a service has, where it differs from what the files say.</summary>
    public IReadOnlyDictionary<string, int> Scale { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Whether containers of services that are gone are removed.</summary>
    public bool RemoveOrphans { get; init; }

    /// <summary>Whether unnamed volumes are made anew instead of taken over.</summary>
    public bool RenewVolumes { get; init; }

    /// <summary>Whether containers are started; false: they are only made.</summary>
    public bool Start { get; init; } = true;

    /// <summary>When images are fetched, instead of what services say; null: as they say.</summary>
    public string? PullPolicy { get; init; }

    /// <summary>When images that are built are built.</summary>
    public BuildMode Build { get; init; }

    /// <summary>Whether to wait until all run, or are healthy where they can be.</summary>
    public bool Wait { get; init; }

    /// <summary>How long to wait at most; null: for ever.</summary>
    public TimeSpan? WaitTimeout { get; init; }

    /// <summary>Seconds between the signal that stops a container and the one that kills it; null: the service's own.</summary>
    public int? StopSeconds { get; init; }
}
