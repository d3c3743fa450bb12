namespace Sampan.DockerApi.Client;

/// <summary>What to read of a container's output.</summary>
public sealed record LogsRequest
{
    /// <summary>Whether standard output is wanted.</summary>
    public bool Stdout { get; init; } = true;

    /// <summary>Whether standard error is wanted.</summary>
    public bool Stderr { get; init; } = true;

    /// <summary>Whether the stream stays open for what comes.</summary>
    public bool Follow { get; init; }

    /// <summary>Whether each line begins with its time.</summary>
    public bool Timestamps { get; init; }

    /// <summary>Whether each line shows the labels and variables that the log driver was told to keep.</summary>
    public bool Details { get; init; }

    /// <summary>Only lines from here on: seconds since 1970, with a fraction if need be; null: from the beginning.</summary>
    public string? Since { get; init; }

    /// <summary>Only lines before: seconds since 1970; null: to the end.</summary>
    public string? Until { get; init; }

    /// <summary>How many of the last lines, or all; null: all.</summary>
    public string? Tail { get; init; }
}
