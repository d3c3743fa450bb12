namespace Sampan.Engine.Containers.Files;

/// <summary>What is at a path in a container.</summary>
public sealed record PathFacts
{
    /// <summary>The last name of the path as it was asked for.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Kind and permissions as the kernel's st_mode has them.</summary>
    public required uint Mode { get; init; }

    /// <summary>Last change of the content: seconds since 1970 and nanoseconds.</summary>
    public required (long Seconds, int Nanoseconds) Modified { get; init; }

    /// <summary>For a symbolic link the path it leads to in the end; else empty.</summary>
    public required string LinkTarget { get; init; }
}
