using Sampan.Compose.Model;

namespace Sampan.Compose.Running;

/// <summary>A container that takes the place of another.</summary>
internal sealed record Replacement
{
    /// <summary>The one that goes.</summary>
    public required ProjectContainer Old { get; init; }

    /// <summary>The name of both, each in its time.</summary>
    public required string Name { get; init; }

    /// <summary>Why, for the user.</summary>
    public required string Reason { get; init; }

    /// <summary>The service; null: the files don't have it.</summary>
    public Service? Service { get; init; }

    /// <summary>Whether the new one is started.</summary>
    public bool Start { get; init; } = true;

    /// <summary>Seconds between the signal that stops the old one and the one that kills it; null: the engine's own.</summary>
    public int? StopSeconds { get; init; }

    /// <summary>Makes the new one under another name, and returns its id.</summary>
    public required Func<string, Task<string>> CreateAsync { get; init; }
}
