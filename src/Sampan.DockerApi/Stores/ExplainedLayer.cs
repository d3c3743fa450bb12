namespace Sampan.DockerApi.Stores;

/// <summary>What one layer brought and what it made useless.</summary>
public sealed record ExplainedLayer
{
    /// <summary>The digest of its uncompressed tar.</summary>
    public string DiffId { get; init => field = value ?? ""; } = "";

    /// <summary>What made it.</summary>
    public string CreatedBy { get; init => field = value ?? ""; } = "";

    /// <summary>Bytes of its files.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes as it is pulled and pushed.</summary>
    public long BlobBytes { get; init; }

    /// <summary>Files that no layer below has.</summary>
    public int Added { get; init; }

    /// <summary>Files that take the place of others.</summary>
    public int Changed { get; init; }

    /// <summary>Files below that it takes away.</summary>
    public int Deleted { get; init; }

    /// <summary>Bytes in layers below that nobody sees any more because of it.</summary>
    public long Wasted { get; init; }
}
