using System.Collections.ObjectModel;

namespace Sampan.Engine.Volumes;

/// <summary>A volume that somebody wants.</summary>
public sealed record VolumeWish
{
    /// <summary>Its name; null or empty: one is made up.</summary>
    public string? Name { get; init; }

    /// <summary>Its driver; null or empty: local.</summary>
    public string? Driver { get; init; }

    /// <summary>The user's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The driver's options.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = ReadOnlyDictionary<string, string>.Empty;
}
