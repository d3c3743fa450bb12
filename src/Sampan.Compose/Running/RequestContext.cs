namespace Sampan.Compose.Running;

/// <summary>What a request for a container needs to know of the engine and of what is there.</summary>
internal sealed record RequestContext
{
    /// <summary>The version in labels: that of the tool whose labels they are.</summary>
    public const string ToolVersion = "2.40.0";

    /// <summary>The service's hash.</summary>
    public required string Hash { get; init; }

    /// <summary>The hashes of the service's keys; null: not to be remembered.</summary>
    public string? Keys { get; init; }

    /// <summary>The hash of what is copied in; null: nothing is.</summary>
    public string? FilesHash { get; init; }

    /// <summary>The image's id; null: unknown.</summary>
    public string? ImageId { get; init; }

    /// <summary>Whether the engine takes several networks at once (from API 1.44 on).</summary>
    public bool HasManyEndpoints { get; init; } = true;

    /// <summary>The ids of another service's containers.</summary>
    public Func<string, IReadOnlyList<string>> ContainersOf { get; init; } = static _ => [];

    /// <summary>The unnamed volumes that a container takes over from the one whose place it takes, by path.</summary>
    public IReadOnlyDictionary<string, string> InheritedVolumes { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The container whose place is taken; null: none.</summary>
    public string? Replaces { get; init; }

    /// <summary>What the service's containers were before; null: nobody knows.</summary>
    public FormerState? Former { get; init; }

    /// <summary>What tells a one-off container; null: it is none.</summary>
    public string? Slug { get; init; }
}
