namespace Sampan.Engine.Logs;

/// <summary>Which part of a log is wanted.</summary>
public sealed record LogOptions
{
    /// <summary>Standard output.</summary>
    public bool Stdout { get; init; } = true;

    /// <summary>Standard error.</summary>
    public bool Stderr { get; init; } = true;

    /// <summary>Entries from then on; null: from the beginning.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Entries up to then; null: to the end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Only the last so many lines; null: all.</summary>
    public long? Tail { get; init; }

    /// <summary>Go on with what comes until the container ends.</summary>
    public bool Follow { get; init; }
}
