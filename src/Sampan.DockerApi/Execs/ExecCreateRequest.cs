using System.Text.Json.Serialization;
using Sampan.DockerApi.Json;

namespace Sampan.DockerApi.Execs;

/// <summary>The body of POST /containers/{id}/exec.</summary>
public sealed record ExecCreateRequest
{
    /// <summary>User, or user:group; empty: the container's.</summary>
    public string User { get; init => field = value ?? ""; } = "";

    /// <summary>Whether the process gets all privileges.</summary>
    public bool Privileged { get; init; }

    /// <summary>Whether the process gets a pseudo-terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>Height and width of the terminal at the start.</summary>
    public IReadOnlyList<int>? ConsoleSize { get; init; }

    /// <summary>Whether standard input is attached.</summary>
    public bool AttachStdin { get; init; }

    /// <summary>Whether standard error is attached.</summary>
    public bool AttachStderr { get; init; }

    /// <summary>Whether standard output is attached.</summary>
    public bool AttachStdout { get; init; }

    /// <summary>Keys that detach; empty: the default.</summary>
    public string DetachKeys { get; init => field = value ?? ""; } = "";

    /// <summary>Further environment as NAME=value.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>Working directory; empty: the container's.</summary>
    public string WorkingDir { get; init => field = value ?? ""; } = "";

    /// <summary>The command.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [JsonConverter(typeof(StringListConverter))]
    public IReadOnlyList<string>? Cmd { get; init; }
}
