namespace Sampan.Compose.Running;

/// <summary>A container of a service for one command. Null and empty: as the service says.</summary>
public sealed record OneOffOptions
{
    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>What tells it from others.</summary>
    public required string Slug { get; init; }

    /// <summary>Its name; null: one is made.</summary>
    public string? Name { get; init; }

    /// <summary>The command.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>The entrypoint, as one text.</summary>
    public string? Entrypoint { get; init; }

    /// <summary>Further variables, <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Further capabilities.</summary>
    public IReadOnlyList<string> CapAdd { get; init; } = [];

    /// <summary>Capabilities that are taken away.</summary>
    public IReadOnlyList<string> CapDrop { get; init; } = [];

    /// <summary>Further labels, <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Ports to publish, in the short form.</summary>
    public IReadOnlyList<string> Publish { get; init; } = [];

    /// <summary>Further mounts, in the short form.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>The user.</summary>
    public string? User { get; init; }

    /// <summary>The working directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether the service's ports are published.</summary>
    public bool WithPorts { get; init; }

    /// <summary>Whether it is found under the service's names.</summary>
    public bool UseAliases { get; init; }

    /// <summary>Whether it has a terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>Whether its input stays open.</summary>
    public bool Interactive { get; init; }

    /// <summary>Whether what the service depends on is brought up first.</summary>
    public bool WithDependencies { get; init; } = true;

    /// <summary>Whether containers of services that are gone are removed.</summary>
    public bool RemoveOrphans { get; init; }

    /// <summary>When images that are built are built.</summary>
    public BuildMode Build { get; init; }

    /// <summary>When images are fetched, instead of what the service says; null: as it says.</summary>
    public string? PullPolicy { get; init; }
}
