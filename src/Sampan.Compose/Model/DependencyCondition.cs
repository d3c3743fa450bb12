namespace Sampan.Compose.Model;

/// <summary>When a service that another one depends on is far enough.</summary>
public enum DependencyCondition
{
    /// <summary>It was started.</summary>
    Started,

    /// <summary>Its health check passes.</summary>
    Healthy,

    /// <summary>It ran to its end, with the exit code 0.</summary>
    CompletedSuccessfully,
}
