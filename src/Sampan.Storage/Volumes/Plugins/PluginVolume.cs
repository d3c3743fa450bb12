using System.Text.Json;

namespace Sampan.Storage.Volumes.Plugins;

/// <summary>A volume as its plugin tells of it.</summary>
internal sealed record PluginVolume
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Where it is mounted; empty: nowhere now.</summary>
    public string? Mountpoint { get; init; }

    /// <summary>RFC 3339.</summary>
    public string? CreatedAt { get; init; }

    /// <summary>What the plugin likes to say.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Status { get; init; }
}
