using System.Text.Json.Serialization;
using Sampan.DockerApi.Json;

namespace Sampan.DockerApi.Containers;

/// <summary>What runs in a container, independent of the host: the portable half of a create request.</summary>
public record ContainerConfig
{
    /// <summary>Host name inside the container; empty: the short container id.</summary>
    public string Hostname { get; init => field = value ?? ""; } = "";

    /// <summary>Domain name inside the container; empty: none.</summary>
    public string Domainname { get; init => field = value ?? ""; } = "";

    /// <summary>User, or user:group, by name or number; empty: the image's user.</summary>
    public string User { get; init => field = value ?? ""; } = "";

    /// <summary>Whether the creating client will attach standard input.</summary>
    public bool AttachStdin { get; init; }

    /// <summary>Whether the creating client will attach standard output.</summary>
    public bool AttachStdout { get; init; }

    /// <summary>Whether the creating client will attach standard error.</summary>
    public bool AttachStderr { get; init; }

    /// <summary>Ports the program listens on, as 'port/protocol'; a set.</summary>
    public IReadOnlyDictionary<string, EmptyObject?>? ExposedPorts { get; init; }

    /// <summary>Whether the program gets a pseudo-terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>Whether standard input stays open while nobody is attached.</summary>
    public bool OpenStdin { get; init; }

    /// <summary>Whether standard input closes when the first attached client leaves.</summary>
    public bool StdinOnce { get; init; }

    /// <summary>Environment as NAME=value; a NAME alone removes the variable.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The command, or the entry point's arguments; null: the image's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [JsonConverter(typeof(StringListConverter))]
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>The health probe; null: the image's.</summary>
    public HealthConfig? Healthcheck { get; init; }

    /// <summary>Windows only: the command is escaped already.</summary>
    public bool? ArgsEscaped { get; init; }

    /// <summary>The image's name or id.</summary>
    public string Image { get; init => field = value ?? ""; } = "";

    /// <summary>Paths that get an anonymous volume; a set.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, EmptyObject?>? Volumes { get; init; }

    /// <summary>Working directory; empty: the image's.</summary>
    public string WorkingDir { get; init => field = value ?? ""; } = "";

    /// <summary>The entry point; null: the image's, one empty string: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [JsonConverter(typeof(StringListConverter))]
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Whether the container gets no network at all.</summary>
    public bool? NetworkDisabled { get; init; }

    /// <summary>MAC address on the default network (API before 1.44).</summary>
    public string? MacAddress { get; init; }

    /// <summary>Build instructions that run in child images.</summary>
    public IReadOnlyList<string>? OnBuild { get; init; }

    /// <summary>Labels.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Signal that stops the program, by name or number; null: the image's or SIGTERM.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Seconds between the stop signal and SIGKILL; null: the engine's default, ten.</summary>
    public int? StopTimeout { get; init; }

    /// <summary>The shell of the image's shell-form instructions.</summary>
    public IReadOnlyList<string>? Shell { get; init; }
}
