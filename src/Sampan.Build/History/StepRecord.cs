namespace Sampan.Build.History;

/// <summary>One instruction of a build that is remembered.</summary>
public sealed record StepRecord
{
    /// <summary>From 1, in the order in which the steps began.</summary>
    public required int Number { get; init; }

    /// <summary>The stage's name, or its number if it has none.</summary>
    public required string Stage { get; init; }

    /// <summary>Its place among the stage's instructions, from 1; FROM is the first.</summary>
    public required int Index { get; init; }

    /// <summary>How many instructions the stage has.</summary>
    public int Of { get; init; }

    /// <summary>The instruction.</summary>
    public required string Text { get; init; }

    /// <summary>The key of its files in the cache; null: it made none.</summary>
    public string? Key { get; init; }

    /// <summary>How it stands.</summary>
    public BuildStatus Status { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it was over; null: it was not.</summary>
    public DateTimeOffset? Completed { get; init; }

    /// <summary>Why no earlier build's files would do; null: they did, or it has none.</summary>
    public string? Reason { get; init; }

    /// <summary>The earlier build that the reason compares with; null: there is none.</summary>
    public string? ComparedWith { get; init; }

    /// <summary>Whether it makes files: the others cost nothing.</summary>
    public bool HasFiles { get; init; }
}
