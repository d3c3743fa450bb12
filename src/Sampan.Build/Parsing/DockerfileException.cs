namespace Sampan.Build.Parsing;

/// <summary>The Dockerfile cannot be understood.</summary>
internal sealed class DockerfileException(string reason, SourcePlace place, Exception? cause = null)
    : Exception($"dockerfile parse error on line {place.Line}: {reason} (column {place.Column})", cause)
{
    /// <summary>Where.</summary>
    public SourcePlace Place { get; } = place;

    /// <summary>What is wrong, without the place.</summary>
    public string Reason { get; } = reason;

    /// <summary>The word of the instruction that is wrong, as written; null: all of it.</summary>
    public string? Word { get; init; }

    /// <summary>The same with the place of its word.</summary>
    /// <param name="lines">The Dockerfile's.</param>
    internal DockerfileException In(IReadOnlyList<string> lines) => Word is null ? this : new(Reason, DockerfileText.PlaceOf(lines, Place, Word), this);
}
