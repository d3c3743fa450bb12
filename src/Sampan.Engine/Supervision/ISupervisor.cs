using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;
using Sampan.Oci.Runtime;

namespace Sampan.Engine.Supervision;

/// <summary>The engine's end of the line to the process that holds one container. Disposing hangs up; the container goes on.</summary>
internal interface ISupervisor : IAsyncDisposable
{
    /// <summary>The container's first process, as the host numbers it.</summary>
    int InitPid { get; }

    /// <summary>The user's program has been executed.</summary>
    bool Started { get; }

    /// <summary>Completes when the container is gone, also if the supervisor itself died. Never faults.</summary>
    Task<ExitStatus> Exited { get; }

    /// <summary>Executes the user's program.</summary>
    /// <exception cref="StartRefusedException">It cannot be executed.</exception>
    Task StartAsync(CancellationToken ct);

    /// <summary>Signals the first process, or all.</summary>
    Task SignalAsync(int signal, bool all, CancellationToken ct);

    /// <summary>Sets the terminal's size.</summary>
    Task ResizeAsync(TerminalSize size, CancellationToken ct);

    /// <summary>Connects to the standard streams.</summary>
    Task<Wire> AttachAsync(bool stdin, bool stdout, bool stderr, CancellationToken ct);

    /// <summary>Runs a further process.</summary>
    /// <exception cref="StartRefusedException">It cannot be executed.</exception>
    Task<IRunningExec> ExecAsync(string execId, OciProcess process, bool stdin, bool stdout, bool stderr, CancellationToken ct);

    /// <summary>Freezes all processes.</summary>
    Task PauseAsync(CancellationToken ct);

    /// <summary>Thaws them.</summary>
    Task ResumeAsync(CancellationToken ct);

    /// <summary>Changes limits.</summary>
    Task UpdateAsync(Resources resources, CancellationToken ct);

    /// <summary>Has copies of open files kept until the container ends, for the next daemon. False: this supervisor cannot.</summary>
    Task<bool> KeepAsync(IReadOnlyList<SafeHandle> files, CancellationToken ct);

    /// <summary>What an earlier daemon had kept, the caller's; none if it cannot be had.</summary>
    Task<IReadOnlyList<SafeFileHandle>> KeptAsync(CancellationToken ct);

    /// <summary>See <see cref="Logs.LogGrowth"/>.</summary>
    Task<long> WaitLogAsync(long knownBytes, CancellationToken ct);
}
