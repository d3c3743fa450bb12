namespace Sampan.Runtime;

/// <summary>How a container or an exec ended.</summary>
public sealed record ExitRecord
{
    /// <summary>Exit status, 128 and the signal if one ended it, or 255 if nobody knows.</summary>
    public required int ExitCode { get; init; }

    /// <summary>The signal that ended it, or null.</summary>
    public int? Signal { get; init; }

    /// <summary>True if the kernel killed a process of the container for want of memory.</summary>
    public bool OomKilled { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>What went wrong at the end, or null.</summary>
    public string? Error { get; init; }
}
