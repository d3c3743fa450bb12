using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Wishes;
namespace Sampan.Engine.Containers;

/// <summary>What <c>update</c> changes; null: unchanged.</summary>
public sealed record UpdateRequest
{
    /// <summary>Only the members that are not null change; ulimits and devices cannot.</summary>
    public ResourceLimits Resources { get => field ?? new(); init; }

    /// <summary>Limits of block devices that are taken away: all of the kind.</summary>
    public DeviceLimits Cleared { get; init; }

    /// <summary>The new restart policy.</summary>
    public RestartPolicy? Restart { get; init; }

    /// <summary>Whether it is started again when it becomes unhealthy: the new value of the label <see cref="Health.UnhealthyRestart.Label"/>.</summary>
    public bool? RestartOnUnhealthy { get; init; }

    /// <summary>Ports to publish besides, also while it runs.</summary>
    public IReadOnlyList<PublishedPort> PublishAdd { get => field ?? []; init; }

    /// <summary>Ports of the host that it is not to have any more.</summary>
    public IReadOnlyList<ContainerPort> PublishRemove { get => field ?? []; init; }
}
