using System.Text.Json;

namespace Sampan.DockerApi.Plugins;

/// <summary>A managed plugin (<c>GET /plugins</c>, <c>GET /plugins/{name}/json</c>).</summary>
public sealed record PluginInspect
{
    /// <summary>What it is and asks for, by its maker: the document as the plugin has it.</summary>
    public JsonElement Config { get; init; }

    /// <summary>It runs.</summary>
    public bool Enabled { get; init; }

    /// <summary>Its identity.</summary>
    public string Id { get; init; } = "";

    /// <summary>Its name here with its tag.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where it came from.</summary>
    public string? PluginReference { get; init; }

    /// <summary>What its user has set: <c>Args</c>, <c>Devices</c>, <c>Env</c>, <c>Mounts</c>.</summary>
    public JsonElement Settings { get; init; }
}
