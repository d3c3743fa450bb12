using Sampan.Oci.Images;

namespace Sampan.Engine.Containers;

/// <summary>How a container becomes an image.</summary>
public sealed record CommitOptions
{
    /// <summary>The image's name; null: none.</summary>
    public string? Reference { get; init; }

    /// <summary>A remark.</summary>
    public string? Message { get; init; }

    /// <summary>Who made it.</summary>
    public string? Author { get; init; }

    /// <summary>Dockerfile lines such as <c>CMD ["sh"]</c>.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>What the request sets in place of the container's own; null: nothing.</summary>
    public ImageDefaults? Overrides { get; init; }

    /// <summary>A running container is paused meanwhile, so that files fit together.</summary>
    public bool Pause { get; init; } = true;
}
