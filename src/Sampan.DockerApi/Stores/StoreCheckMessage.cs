namespace Sampan.DockerApi.Stores;

/// <summary>Sampan's own, a line of POST /sampan/check: a step, or at the end the result.</summary>
public sealed record StoreCheckMessage
{
    /// <summary>What is being looked at; null in the last line.</summary>
    public string? Step { get; init; }

    /// <summary>In the last line: blobs whose digest was computed again.</summary>
    public int? Blobs { get; init; }

    /// <summary>In the last line: layers that were compared with their blobs.</summary>
    public int? Layers { get; init; }

    /// <summary>In the last line: records that were read.</summary>
    public int? Records { get; init; }

    /// <summary>In the last line: what is wrong.</summary>
    public IReadOnlyList<StoreFinding>? Findings { get; init; }

    /// <summary>Why the check broke off.</summary>
    public string? Error { get; init; }
}
