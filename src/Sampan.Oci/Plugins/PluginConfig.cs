using System.Text.Json.Serialization;

namespace Sampan.Oci.Plugins;

/// <summary>
/// What a managed plugin is and what it asks for, by its maker: the document with the media type <see cref="MediaType"/>. Names are read without regard to
/// case, as Docker does: a <c>config.json</c> has them in lower case. What Docker writes as null is null here.
/// See <see href="https://docs.docker.com/engine/extend/config/">Docker's plugin configuration</see>.
/// </summary>
public sealed record PluginConfig
{
    /// <summary>The media type of the document.</summary>
    public const string MediaType = "application/vnd.docker.plugin.v1+json";

    /// <summary>Arguments behind the entry point.</summary>
    public PluginArgs Args { get => field ?? new(); init; }

    /// <summary>For people.</summary>
    public string Description { get => field ?? ""; init; }

    /// <summary>The engine that it was made with; null: not said, as newer ones do.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DockerVersion { get; init; }

    /// <summary>Where people read more.</summary>
    public string Documentation { get => field ?? ""; init; }

    /// <summary>The program and its first arguments.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Its environment.</summary>
    public IReadOnlyList<PluginEnv>? Env { get; init; }

    /// <summary>What it does for the engine and on which socket.</summary>
    public PluginInterface Interface { get => field ?? new(); init; }

    /// <summary>It shares the host's IPC namespace.</summary>
    public bool IpcHost { get; init; }

    /// <summary>Capabilities and devices.</summary>
    public PluginLinux Linux { get => field ?? new(); init; }

    /// <summary>Files of the host that it sees.</summary>
    public IReadOnlyList<PluginMount>? Mounts { get; init; }

    /// <summary>Its network.</summary>
    public PluginNetwork Network { get => field ?? new(); init; }

    /// <summary>It shares the host's PID namespace.</summary>
    public bool PidHost { get; init; }

    /// <summary>The directory inside whose mounts the host sees, as a volume driver needs it; empty: none.</summary>
    public string PropagatedMount { get => field ?? ""; init; }

    /// <summary>Who runs the program.</summary>
    public PluginUser User { get => field ?? new(); init; }

    /// <summary>Its working directory; empty: <c>/</c>.</summary>
    public string WorkDir { get => field ?? ""; init; }

    /// <summary>Its files; null: the configuration was not stored yet.</summary>
    [JsonPropertyName("rootfs")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PluginRootfs? Rootfs { get; init; }
}
