namespace Sampan.Build.Caching;

/// <summary>A step of a cache that goes from machine to machine.</summary>
internal sealed record SharedStep
{
    /// <summary>Its key.</summary>
    public required string Key { get; init; }

    /// <summary>The step, for people.</summary>
    public required string Description { get; init; }

    /// <summary>The digest of its layer as a plain tar; null: it made no files.</summary>
    public string? Layer { get; init; }
}
