using Sampan.Engine.Containers.States;

namespace Sampan.Engine.Supervision;

/// <summary>
/// Makes and finds supervisors. Two kinds exist: processes of <c>sampan-runtime supervise</c>, and the in-memory ones of the engine's tests.
/// A life: <see cref="LaunchAsync"/> (the container is made, its first process waits) → attach → start → exec, signal, pause … →
/// <see cref="ISupervisor.Exited"/>. It outlives the daemon: a new one finds it by <see cref="ConnectAsync"/>, or its last word by <see cref="ReadExit"/>.
/// </summary>
internal interface ISupervisors
{
    /// <summary>Starts one; returns when the container is made and its first process waits.</summary>
    Task<ISupervisor> LaunchAsync(LaunchOrder order, CancellationToken ct);

    /// <summary>Finds one that an earlier daemon left; null: there is none any more.</summary>
    Task<ISupervisor?> ConnectAsync(string stateDirectory, CancellationToken ct);

    /// <summary>What one that is gone wrote last; null: nothing.</summary>
    ExitStatus? ReadExit(string stateDirectory);
}
