using Sampan.DockerApi.Containers;

namespace Sampan.DockerApi.Images;

/// <summary>What a container of an image starts with.</summary>
public sealed record ImageConfig
{
    /// <summary>Unused; for old clients.</summary>
    public string? Hostname { get; init; }

    /// <summary>Unused; for old clients.</summary>
    public string? Domainname { get; init; }

    /// <summary>User, or user:group; null or empty: root.</summary>
    public string? User { get; init; }

    /// <summary>Unused; for old clients.</summary>
    public bool? AttachStdin { get; init; }

    /// <summary>Unused; for old clients.</summary>
    public bool? AttachStdout { get; init; }

    /// <summary>Unused; for old clients.</summary>
    public bool? AttachStderr { get; init; }

    /// <summary>Ports the program listens on; a set.</summary>
    public IReadOnlyDictionary<string, EmptyObject?>? ExposedPorts { get; init; }

    /// <summary>Unused; for old clients.</summary>
    public bool? Tty { get; init; }

    /// <summary>Unused; for old clients.</summary>
    public bool? OpenStdin { get; init; }

    /// <summary>Unused; for old clients.</summary>
    public bool? StdinOnce { get; init; }

    /// <summary>Environment as NAME=value.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The command, or the entry point's arguments.</summary>
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>The health probe.</summary>
    public HealthConfig? Healthcheck { get; init; }

    /// <summary>Windows only.</summary>
    public bool? ArgsEscaped { get; init; }

    /// <summary>Unused; for old clients.</summary>
    public string? Image { get; init; }

    /// <summary>Paths that get an anonymous volume; a set.</summary>
    public IReadOnlyDictionary<string, EmptyObject?>? Volumes { get; init; }

    /// <summary>The working directory; null or empty: the root.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>The entry point.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Build instructions that run in child images.</summary>
    public IReadOnlyList<string>? OnBuild { get; init; }

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Signal that stops the program.</summary>
    public string? StopSignal { get; init; }

    /// <summary>The shell of shell-form instructions.</summary>
    public IReadOnlyList<string>? Shell { get; init; }
}
