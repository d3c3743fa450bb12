using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;

namespace Sampan.Engine.Supervision;

/// <summary>A further process in a container.</summary>
internal interface IRunningExec
{
    /// <summary>Its id on the host.</summary>
    int Pid { get; }

    /// <summary>Its standard streams; null: none were asked for.</summary>
    Wire? Wire { get; }

    /// <summary>Completes when it ended. Never faults.</summary>
    Task<ExitStatus> Exited { get; }

    /// <summary>Kills it and all its descendants; <see cref="Exited"/> completes soon after.</summary>
    void Kill();

    /// <summary>Sets the terminal's size.</summary>
    Task ResizeAsync(TerminalSize size, CancellationToken ct);
}
