using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>What a container made of an image runs if its creator says nothing else: OCI's fields and Docker's additions.</summary>
public sealed record ImageDefaults
{
    /// <summary>User, and optionally group: names or numbers, <c>user:group</c>; null or empty is root.</summary>
    [JsonPropertyName("User")]
    public string? User { get; init; }

    /// <summary>Ports that the service listens on: <c>80/tcp</c>.</summary>
    [JsonPropertyName("ExposedPorts")]
    [JsonConverter(typeof(NameSetJsonConverter))]
    public IReadOnlyList<string> ExposedPorts { get; init => field = value ?? []; } = [];

    /// <summary>Environment, each <c>NAME=value</c>.</summary>
    [JsonPropertyName("Env")]
    public IReadOnlyList<string> Env { get; init => field = value ?? []; } = [];

    /// <summary>The first words of the command line; null if not set.</summary>
    [JsonPropertyName("Entrypoint")]
    [JsonConverter(typeof(WordsJsonConverter))]
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>The other words of the command line; null if not set.</summary>
    [JsonPropertyName("Cmd")]
    [JsonConverter(typeof(WordsJsonConverter))]
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>Directories that get a volume of their own.</summary>
    [JsonPropertyName("Volumes")]
    [JsonConverter(typeof(NameSetJsonConverter))]
    public IReadOnlyList<string> Volumes { get; init => field = value ?? []; } = [];

    /// <summary>The working directory; null or empty is <c>/</c>.</summary>
    [JsonPropertyName("WorkingDir")]
    public string? WorkingDir { get; init; }

    /// <summary>Free labels.</summary>
    [JsonPropertyName("Labels")]
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? NoLabels; } = NoLabels;

    /// <summary>The signal that asks the main process to end; null is SIGTERM.</summary>
    [JsonPropertyName("StopSignal")]
    public string? StopSignal { get; init; }

    /// <summary>How long, in seconds, to wait after that signal; null is the engine's default.</summary>
    [JsonPropertyName("StopTimeout")]
    public int? StopTimeout { get; init; }

    /// <summary>How to find out whether the service is well, or null.</summary>
    [JsonPropertyName("Healthcheck")]
    public HealthProbe? Healthcheck { get; init; }

    /// <summary>Build steps to run when another image is built on this one.</summary>
    [JsonPropertyName("OnBuild")]
    public IReadOnlyList<string> OnBuild { get; init => field = value ?? []; } = [];

    /// <summary>The shell for the shell form of commands, or null.</summary>
    [JsonPropertyName("Shell")]
    [JsonConverter(typeof(WordsJsonConverter))]
    public IReadOnlyList<string>? Shell { get; init; }

    /// <summary>True if the command is escaped already; Windows only.</summary>
    [JsonPropertyName("ArgsEscaped")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ArgsEscaped { get; init; }

    private static IReadOnlyDictionary<string, string> NoLabels { get; } = new Dictionary<string, string>();
}
