namespace Sampan.Oci.Plugins;

/// <summary>What of a plugin's configuration its user has set, or left as it was.</summary>
public sealed record PluginSettings
{
    /// <summary>The arguments.</summary>
    public IReadOnlyList<string> Args { get => field ?? []; init; }

    /// <summary>The devices.</summary>
    public IReadOnlyList<PluginDevice> Devices { get => field ?? []; init; }

    /// <summary>The variables, as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Env { get => field ?? []; init; }

    /// <summary>The mounts.</summary>
    public IReadOnlyList<PluginMount> Mounts { get => field ?? []; init; }
}
