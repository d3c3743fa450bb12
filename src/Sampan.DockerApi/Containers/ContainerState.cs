namespace Sampan.DockerApi.Containers;

/// <summary>What a container is doing.</summary>
public sealed record ContainerState
{
    /// <summary>created, running, paused, restarting, removing, exited or dead.</summary>
    public string Status { get; init => field = value ?? ""; } = "";

    /// <summary>Whether it runs; paused counts.</summary>
    public bool Running { get; init; }

    /// <summary>Whether it is frozen.</summary>
    public bool Paused { get; init; }

    /// <summary>Whether it waits for its next start.</summary>
    public bool Restarting { get; init; }

    /// <summary>Whether the kernel killed it for want of memory.</summary>
    public bool OOMKilled { get; init; }

    /// <summary>Whether its removal failed.</summary>
    public bool Dead { get; init; }

    /// <summary>Process id on the host; 0: not running.</summary>
    public int Pid { get; init; }

    /// <summary>Exit code of the last run.</summary>
    public int ExitCode { get; init; }

    /// <summary>Why the last start failed.</summary>
    public string Error { get; init => field = value ?? ""; } = "";

    /// <summary>When it last started, RFC 3339.</summary>
    public string StartedAt { get; init => field = value ?? ""; } = "";

    /// <summary>When it last ended, RFC 3339.</summary>
    public string FinishedAt { get; init => field = value ?? ""; } = "";

    /// <summary>Health; null: it has no probe.</summary>
    public HealthState? Health { get; init; }
}
