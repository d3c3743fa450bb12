namespace Sampan.DockerApi.Stores;

/// <summary>Sampan's own, GET /sampan/ledger: some bytes of the engine's data root and why they are there.</summary>
public sealed record LedgerEntry
{
    /// <summary>What they belong to: layer, blob, image, unfinished, container, volume, engine.</summary>
    public string Kind { get; init => field = value ?? ""; } = "";

    /// <summary>The digest, id or name of what they are.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>Where they lie.</summary>
    public string Path { get; init => field = value ?? ""; } = "";

    /// <summary>Blocks on disk, in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Why they are kept.</summary>
    public string Reason { get; init => field = value ?? ""; } = "";

    /// <summary>Whether a prune could remove them.</summary>
    public bool Reclaimable { get; init; }
}
