namespace Sampan.DockerApi.Engines;

/// <summary>The answer of GET /version.</summary>
public sealed record SystemVersion
{
    /// <summary>The product.</summary>
    public VersionPlatform? Platform { get; init; }

    /// <summary>The parts.</summary>
    public IReadOnlyList<VersionComponent>? Components { get; init; }

    /// <summary>The engine's version.</summary>
    public string Version { get; init => field = value ?? ""; } = "";

    /// <summary>The newest API version it speaks.</summary>
    public string ApiVersion { get; init => field = value ?? ""; } = "";

    /// <summary>The oldest API version it speaks.</summary>
    public string MinAPIVersion { get; init => field = value ?? ""; } = "";

    /// <summary>The commit it was built from.</summary>
    public string GitCommit { get; init => field = value ?? ""; } = "";

    /// <summary>The language runtime; Docker's name for the field is kept.</summary>
    public string GoVersion { get; init => field = value ?? ""; } = "";

    /// <summary>The operating system.</summary>
    public string Os { get; init => field = value ?? ""; } = "";

    /// <summary>The CPU architecture.</summary>
    public string Arch { get; init => field = value ?? ""; } = "";

    /// <summary>The kernel's version.</summary>
    public string? KernelVersion { get; init; }

    /// <summary>Whether experimental features are on.</summary>
    public bool? Experimental { get; init; }

    /// <summary>When it was built, RFC 3339.</summary>
    public string? BuildTime { get; init; }
}
