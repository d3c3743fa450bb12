namespace Sampan.Engine.Containers;

/// <summary>How a container is removed.</summary>
public sealed record RemoveOptions
{
    /// <summary>A running one is killed first.</summary>
    public bool Force { get; init; }

    /// <summary>Its anonymous volumes go too.</summary>
    public bool Volumes { get; init; }
}
