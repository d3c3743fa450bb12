using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Engines;

/// <summary>One record of the build cache.</summary>
public sealed record BuildCacheRecord
{
    /// <summary>Its id.</summary>
    public string ID { get; init => field = value ?? ""; } = "";

    /// <summary>Records it builds on.</summary>
    public IReadOnlyList<string>? Parents { get; init; }

    /// <summary>Its kind.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>What made it.</summary>
    public string Description { get; init => field = value ?? ""; } = "";

    /// <summary>Whether a build uses it.</summary>
    public bool InUse { get; init; }

    /// <summary>Whether images share it.</summary>
    public bool Shared { get; init; }

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>When it was made, RFC 3339.</summary>
    public string CreatedAt { get; init => field = value ?? ""; } = "";

    /// <summary>When it was last used, RFC 3339.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? LastUsedAt { get; init; }

    /// <summary>How often it was used.</summary>
    public long UsageCount { get; init; }
}
