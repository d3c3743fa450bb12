namespace Sampan.Oci.Plugins;

/// <summary>A plugin's network.</summary>
public sealed record PluginNetwork
{
    /// <summary><c>host</c>; <c>none</c>, <c>bridge</c>, <c>null</c> or empty: one of its own, with nothing but a loopback.</summary>
    public string Type { get => field ?? ""; init; }
}
