namespace Sampan.DockerApi.Containers;

/// <summary>The body of POST /containers/{id}/update.</summary>
public sealed record UpdateRequest : Resources
{
    /// <summary>The new restart policy; null: unchanged.</summary>
    public RestartPolicy? RestartPolicy { get; init; }

    /// <summary>An extension of Sampan: whether it is started again when it becomes unhealthy; null: unchanged.</summary>
    public bool? RestartOnUnhealthy { get; init; }

    /// <summary>An extension of Sampan: ports to publish besides, as <c>HostConfig.PortBindings</c> has them; null: none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>? PublishAdd { get; init; }

    /// <summary>An extension of Sampan: the host's ports to withdraw (<c>9090/tcp</c>); null: none.</summary>
    public IReadOnlyList<string>? PublishRemove { get; init; }
}
