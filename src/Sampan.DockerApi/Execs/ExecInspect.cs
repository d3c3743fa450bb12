using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Execs;

/// <summary>The answer of GET /exec/{id}/json.</summary>
public sealed record ExecInspect
{
    /// <summary>The exec's id.</summary>
    public string ID { get; init => field = value ?? ""; } = "";

    /// <summary>Whether it runs.</summary>
    public bool Running { get; init; }

    /// <summary>The exit code; null: it has not ended.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int? ExitCode { get; init; }

    /// <summary>What runs.</summary>
    public ExecProcessConfig? ProcessConfig { get; init; }

    /// <summary>Whether standard input is open.</summary>
    public bool OpenStdin { get; init; }

    /// <summary>Whether standard error is open.</summary>
    public bool OpenStderr { get; init; }

    /// <summary>Whether standard output is open.</summary>
    public bool OpenStdout { get; init; }

    /// <summary>Whether it has ended and been reported.</summary>
    public bool CanRemove { get; init; }

    /// <summary>The container's id.</summary>
    public string ContainerID { get; init => field = value ?? ""; } = "";

    /// <summary>Keys that detach, as base64 of their bytes.</summary>
    public string DetachKeys { get; init => field = value ?? ""; } = "";

    /// <summary>Process id on the host; 0: not running.</summary>
    public int Pid { get; init; }
}
