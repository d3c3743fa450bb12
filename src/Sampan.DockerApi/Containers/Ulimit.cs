namespace Sampan.DockerApi.Containers;

/// <summary>One resource limit of the container's processes.</summary>
public sealed record Ulimit
{
    /// <summary>The limit's name without RLIMIT_, in lower case.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The ceiling; -1: unlimited.</summary>
    public long Hard { get; init; }

    /// <summary>The effective value; -1: unlimited.</summary>
    public long Soft { get; init; }
}
