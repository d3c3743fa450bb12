namespace Sampan.DockerApi.Builds;

/// <summary>Sampan only: one instruction of a build.</summary>
public sealed record PastBuildStep
{
    /// <summary>From 1, in the order in which the steps began.</summary>
    public required int Number { get; init; }

    /// <summary>The stage's name, or its number if it has none.</summary>
    public required string Stage { get; init; }

    /// <summary>Its place in the stage, from 1.</summary>
    public required int Index { get; init; }

    /// <summary>How many instructions the stage has.</summary>
    public int Of { get; init; }

    /// <summary>The instruction.</summary>
    public required string Text { get; init; }

    /// <summary><c>running</c>, <c>done</c>, <c>cached</c>, <c>failed</c>, <c>cancelled</c>.</summary>
    public required string Status { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When it was over; null: it is not.</summary>
    public DateTimeOffset? Completed { get; init; }

    /// <summary>Why it did not come from the cache; null: it did, or it makes no files.</summary>
    public string? Reason { get; init; }

    /// <summary>The earlier build that the reason compares with; null: none.</summary>
    public string? ComparedWith { get; init; }

    /// <summary>Whether it makes files: the others cost nothing.</summary>
    public bool HasFiles { get; init; }
}
