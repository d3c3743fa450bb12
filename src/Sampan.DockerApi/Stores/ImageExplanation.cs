namespace Sampan.DockerApi.Stores;

/// <summary>Sampan's own, GET /sampan/images/{name}/explain: where an image's bytes come from.</summary>
public sealed record ImageExplanation
{
    /// <summary>Which image.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>Bytes of all files in all layers.</summary>
    public long Bytes { get; init; }

    /// <summary>Those that nobody sees, because a later layer hides them.</summary>
    public long Wasted { get; init; }

    /// <summary>Lowest first.</summary>
    public IReadOnlyList<ExplainedLayer> Layers { get; init => field = value ?? []; } = [];

    /// <summary>The files that are hidden, largest first.</summary>
    public IReadOnlyList<WastedPath> WastedPaths { get; init => field = value ?? []; } = [];
}
