namespace Sampan.DockerApi.Engines;

/// <summary>The commit of a part.</summary>
public sealed record CommitInfo
{
    /// <summary>The commit.</summary>
    public string ID { get; init => field = value ?? ""; } = "";

    /// <summary>The commit that was expected (older engines).</summary>
    public string? Expected { get; init; }
}
