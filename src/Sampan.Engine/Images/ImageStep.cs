namespace Sampan.Engine.Images;

/// <summary>One line of <c>history</c>.</summary>
public sealed record ImageStep
{
    /// <summary>The image that the step made; null: it is not here.</summary>
    public string? Id { get; init; }

    /// <summary>When; null: unknown.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>What made it.</summary>
    public string CreatedBy { get; init; } = "";

    /// <summary>A remark.</summary>
    public string Comment { get; init; } = "";

    /// <summary>The bytes of its layer.</summary>
    public long Size { get; init; }

    /// <summary>The names of that image, familiar.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}
