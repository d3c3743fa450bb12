namespace Sampan.Runtime;

/// <summary>Which standard streams of a container to connect to.</summary>
public sealed record AttachRequest
{
    /// <summary>Standard input.</summary>
    public bool Stdin { get; init; }

    /// <summary>Standard output.</summary>
    public bool Stdout { get; init; }

    /// <summary>Standard error; with a terminal it is part of the output.</summary>
    public bool Stderr { get; init; }
}
