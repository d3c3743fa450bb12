namespace Sampan.Build.History;

/// <summary>How a build, or a step of it, stands.</summary>
public enum BuildStatus
{
    /// <summary>It is not over.</summary>
    Running,

    /// <summary>It gave what it should.</summary>
    Done,

    /// <summary>An earlier build gave it; steps only.</summary>
    Cached,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>Its client gave up, or the daemon ended.</summary>
    Cancelled,
}
