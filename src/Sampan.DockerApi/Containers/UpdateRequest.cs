namespace Sampan.DockerApi.Containers;

/// <summary>The body of POST /containers/{id}/update.</summary>
public sealed record UpdateRequest : Resources
{
    /// <summary>The new restart policy; null: unchanged.</summary>
    public RestartPolicy? RestartPolicy { get; init; }

    /// <summary>An extension of Sampan: whether it is started again when it becomes unhealthy; null: unchanged.</summary>
    public bool? RestartOnUnhealthy { get; init; }
}
