namespace Sampan.DockerApi.Client;

/// <summary>Which streams of a container to connect to.</summary>
public sealed record AttachRequest
{
    /// <summary>Whether to stay connected; false: only what was logged so far.</summary>
    public bool Stream { get; init; } = true;

    /// <summary>Whether to replay what was logged so far.</summary>
    public bool Logs { get; init; }

    /// <summary>Whether to connect standard input.</summary>
    public bool Stdin { get; init; }

    /// <summary>Whether to connect standard output.</summary>
    public bool Stdout { get; init; } = true;

    /// <summary>Whether to connect standard error.</summary>
    public bool Stderr { get; init; } = true;

    /// <summary>Keys that detach, such as ctrl-p,ctrl-q; null: the engine's default.</summary>
    public string? DetachKeys { get; init; }
}
