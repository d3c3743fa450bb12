namespace Sampan.Storage.Volumes;

/// <summary>A volume that somebody wants.</summary>
public sealed record VolumeRequest
{
    /// <summary>Its name; null or empty: one is made up.</summary>
    public string? Name { get; init; }

    /// <summary>Its driver; null or empty: <c>local</c>, or that of the volume if it is there.</summary>
    public string? Driver { get; init; }

    /// <summary>Free labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The driver's options.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>The driver if it is not the local one; null: it is.</summary>
    internal string? Plugin => Driver is null or "" or "local" ? null : Driver;
}
