namespace Sampan.Storage.Plugins;

/// <summary>What the tar of a new plugin holds.</summary>
internal static class PluginFiles
{
    /// <summary>The configuration.</summary>
    internal const string Config = "config.json";

    private const string Root = "rootfs";

    /// <summary>The part of a plain path below the plugin's files, empty for their root; null: it is elsewhere.</summary>
    internal static string? Below(string path) =>
        path == Root ? "" : path.StartsWith(Root + "/", StringComparison.Ordinal) ? path[(Root.Length + 1)..] : null;
}
