using Sampan.Network.Firewall;

namespace Sampan.Network.Bridges;

/// <summary>The interface and addresses of a bridge network.</summary>
internal sealed class BridgeNetwork : AddressedNetwork
{
    internal required string Name { get; init; }

    /// <summary>The interface's number on the host.</summary>
    internal required int Index { get; init; }

    internal BridgeSettings Settings { get; init; } = new();

    internal override string LinkPrefix => Settings.LinkPrefix;

    /// <summary>Published ports obey the host's own input rules.</summary>
    internal bool ObeysHost { get; init; }

    /// <summary>Containers are to talk past the bridge, where the kernel can: only those that may talk to each other at all.</summary>
    internal bool WantsShortcut(NetworkOptions options) => Settings.InterContainer && (Settings.Shortcut ?? options.Shortcut);

    internal FirewallNetwork ForFirewall() => new(Name, Version4?.Subnet, IsInternal, Settings.Masquerade)
    {
        Subnet6 = Version6?.Subnet,
        ObeysHost = ObeysHost && !IsInternal,
        Mode = Settings.Mode,
        Mode6 = Settings.Mode6,
        Trusted = Settings.Trusted,
        Source = Settings.Source,
        Source6 = Settings.Source6,
    };
}
