using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;

namespace Sampan.Server.Docker.Containers;

/// <summary>Docker's words for the engine's states.</summary>
internal static class StateWords
{
    /// <summary>Every word that <c>docker ps --filter status=</c> knows.</summary>
    internal static IReadOnlyList<string> All { get; } = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];

    /// <summary>The word for a container's state.</summary>
    internal static string Of(ContainerSnapshot container) => container.State switch
    {
        ContainerState.Created => "created",
        ContainerState.Starting => container.RestartsAt is not null ? "restarting" : container.LastExit is null ? "created" : "exited",
        ContainerState.Running or ContainerState.Stopping => "running",
        ContainerState.Paused => "paused",
        ContainerState.Exited => container.RestartsAt is null ? "exited" : "restarting",
        ContainerState.Removing => "removing",
        _ => "dead",
    };

    /// <summary>When the process was let go, now or last time; null: never.</summary>
    internal static DateTimeOffset? StartedAt(ContainerSnapshot container) => container.State switch
    {
        ContainerState.Running r => r.StartedAt,
        ContainerState.Paused p => p.StartedAt,
        ContainerState.Stopping s => s.StartedAt,
        ContainerState.Exited e => e.Status.StartedAt,
        _ => container.LastExit?.StartedAt,
    };

    /// <summary>How the last run ended; null: there was none.</summary>
    internal static ExitStatus? LastExit(ContainerSnapshot container) =>
        container.State is ContainerState.Exited exited ? exited.Status : container.LastExit;

    /// <summary>The line of <c>docker ps</c>: <c>Up 3 minutes (Paused)</c>, <c>Exited (0) 2 hours ago</c>.</summary>
    internal static string Status(ContainerSnapshot container, DateTimeOffset now)
    {
        var word = Of(container);
        var exit = LastExit(container);
        return word switch
        {
            "running" => $"Up {Duration.Human(now - (StartedAt(container) ?? now))}{HealthMapper.Suffix(container)}",
            "paused" => $"Up {Duration.Human(now - (StartedAt(container) ?? now))} (Paused)",
            "restarting" => $"Restarting ({exit?.ExitCode ?? 0}) {Duration.Human(now - (exit?.FinishedAt ?? now))} ago",
            "removing" => "Removal In Progress",
            "dead" => "Dead",
            "exited" => $"Exited ({exit?.ExitCode ?? 0}) {Duration.Human(now - (exit?.FinishedAt ?? now))} ago",
            _ => "Created",
        };
    }
}
