using System.Text.Json.Serialization;

namespace Sampan.Engine.Containers.States;

/// <summary>
/// Where a container is in its life: one record per state with only the data that exists there.
/// The allowed moves are in <see cref="StateTable"/>. Restarting is not a state but a plan of the exit watcher
/// (<see cref="ContainerSnapshot.RestartsAt"/>); Docker's booleans are derived at the edge.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "Is")]
[JsonDerivedType(typeof(Created), nameof(Created))]
[JsonDerivedType(typeof(Starting), nameof(Starting))]
[JsonDerivedType(typeof(Running), nameof(Running))]
[JsonDerivedType(typeof(Paused), nameof(Paused))]
[JsonDerivedType(typeof(Stopping), nameof(Stopping))]
[JsonDerivedType(typeof(Exited), nameof(Exited))]
[JsonDerivedType(typeof(Removing), nameof(Removing))]
[JsonDerivedType(typeof(Dead), nameof(Dead))]
public abstract record ContainerState
{
    private ContainerState()
    {
    }

    /// <summary>The process's id on the host while there is a process; null otherwise.</summary>
    [JsonIgnore]
    public int? ProcessId => this switch { Running r => r.Pid, Paused p => p.Pid, Stopping s => s.Pid, _ => null };

    /// <summary>The name of the state, for messages.</summary>
    [JsonIgnore]
    public string Word => GetType().Name.ToLowerInvariant();

    /// <summary>Never started, or never successfully.</summary>
    /// <param name="Failure">Why the last start failed; null: there was none.</param>
    public sealed record Created(StartFailure? Failure = null) : ContainerState;

    /// <summary>The start recipe is on its way.</summary>
    public sealed record Starting : ContainerState;

    /// <summary>The process runs.</summary>
    /// <param name="Pid">Its id on the host.</param>
    /// <param name="StartedAt">When it was let go.</param>
    public sealed record Running(int Pid, DateTimeOffset StartedAt) : ContainerState;

    /// <summary>Every process is frozen.</summary>
    /// <param name="Pid">The first process's id on the host.</param>
    /// <param name="StartedAt">When it was let go.</param>
    public sealed record Paused(int Pid, DateTimeOffset StartedAt) : ContainerState
    {
        /// <summary>The engine paused it for a moment, for something of its own; a daemon that finds it so lets it run on.</summary>
        public bool Passing { get; init; }
    }

    /// <summary>Asked to end; killed at the deadline.</summary>
    /// <param name="Pid">The first process's id on the host.</param>
    /// <param name="StartedAt">When it was let go.</param>
    /// <param name="Deadline">When SIGKILL follows; null: never.</param>
    public sealed record Stopping(int Pid, DateTimeOffset StartedAt, DateTimeOffset? Deadline) : ContainerState
    {
        /// <summary>How long SIGKILL was to wait when the deadline was set; null: for ever, or an older daemon did not say.</summary>
        public TimeSpan? Patience { get; init; }
    }

    /// <summary>The process ended.</summary>
    /// <param name="Status">How.</param>
    public sealed record Exited(ExitStatus Status) : ContainerState;

    /// <summary>The remove recipe is on its way.</summary>
    public sealed record Removing : ContainerState
    {
        /// <summary>Its anonymous volumes go, too.</summary>
        public bool Volumes { get; init; }
    }

    /// <summary>A removal failed half-way: only removing it again is possible.</summary>
    /// <param name="Reason">What could not be removed.</param>
    public sealed record Dead(string Reason) : ContainerState;
}
