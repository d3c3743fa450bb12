namespace Sampan.Storage.Volumes.Plugins;

/// <summary>What a plugin can do.</summary>
internal sealed record PluginCapabilities
{
    /// <summary><c>local</c> or <c>global</c>.</summary>
    public string? Scope { get; init; }
}
