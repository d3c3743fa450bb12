namespace Sampan.Oci.Plugins;

/// <summary>What a plugin may do to the machine.</summary>
public sealed record PluginLinux
{
    /// <summary>All devices, to read, to write and to make.</summary>
    public bool AllowAllDevices { get; init; }

    /// <summary>Capabilities beside those that every container has.</summary>
    public IReadOnlyList<string>? Capabilities { get; init; }

    /// <summary>Devices of the host.</summary>
    public IReadOnlyList<PluginDevice>? Devices { get; init; }
}
