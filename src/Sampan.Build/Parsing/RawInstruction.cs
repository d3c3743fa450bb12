namespace Sampan.Build.Parsing;

/// <summary>One instruction as it is written: continuation lines joined, comments gone.</summary>
internal sealed record RawInstruction
{
    /// <summary>The first word as written.</summary>
    public required string Verb { get; init; }

    /// <summary>What follows the verb, blanks at both ends gone.</summary>
    public required string Rest { get; init; }

    /// <summary>The documents that follow the line.</summary>
    public IReadOnlyList<Heredoc> Heredocs { get; init; } = [];

    /// <summary>Where.</summary>
    public required SourcePlace Place { get; init; }

    /// <summary>The verb in capitals.</summary>
    public string Name => Verb.ToUpperInvariant();
}
