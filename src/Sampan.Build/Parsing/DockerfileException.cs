namespace Sampan.Build.Parsing;

/// <summary>The Dockerfile cannot be understood.</summary>
internal sealed class DockerfileException(string reason, SourcePlace place, Exception? cause = null)
    : Exception($"dockerfile parse error on line {place.Line}: {reason} (column {place.Column})", cause)
{
    /// <summary>Where.</summary>
    public SourcePlace Place { get; } = place;

    /// <summary>What is wrong, without the place.</summary>
    public string Reason { get; } = reason;
}
