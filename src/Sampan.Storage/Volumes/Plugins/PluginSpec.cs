using System.Text.Json;

namespace Sampan.Storage.Volumes.Plugins;

/// <summary>Where a plugin is, from its <c>.json</c> file.</summary>
internal sealed record PluginSpec
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>Its address: <c>unix:///path</c>, <c>tcp://host:port</c>, <c>http://host:port</c>.</summary>
    public string? Addr { get; init; }

    /// <summary>How to speak TLS with it.</summary>
    public JsonElement? TLSConfig { get; init; }
}
