namespace Sampan.Engine.Containers.States;

/// <summary>How a container's process ended.</summary>
public sealed record ExitStatus
{
    /// <summary>0 to 255; 128 plus the signal's number when a signal ended it.</summary>
    public required int ExitCode { get; init; }

    /// <summary>The signal that ended it; null: it exited by itself.</summary>
    public int? Signal { get; init; }

    /// <summary>The kernel killed a process of the container for want of memory.</summary>
    public bool OomKilled { get; init; }

    /// <summary>When it had been started; null: the start failed.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>What went wrong beside the process; null: nothing.</summary>
    public string? Error { get; init; }
}
