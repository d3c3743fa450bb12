using Sampan.Network.Firewall;

namespace Sampan.Network.Bridges;

/// <summary>The interface and addresses of a bridge network.</summary>
internal sealed class BridgeNetwork
{
    internal required string Name { get; init; }

    /// <summary>The interface's number on the host.</summary>
    internal required int Index { get; init; }

    /// <summary>The addresses of version 4; null: none.</summary>
    internal required BridgeSubnet? Version4 { get; init; }

    /// <summary>The addresses of version 6; null: none.</summary>
    internal BridgeSubnet? Version6 { get; init; }

    internal required int Mtu { get; init; }

    internal bool IsInternal { get; init; }

    internal BridgeSettings Settings { get; init; } = new();

    internal IEnumerable<BridgeSubnet> Subnets => new[] { Version4, Version6 }.OfType<BridgeSubnet>();

    internal BridgeSubnet? Of(bool version6) => version6 ? Version6 : Version4;

    internal FirewallNetwork ForFirewall() => new(Name, Version4?.Subnet, IsInternal, Settings.Masquerade) { Subnet6 = Version6?.Subnet };
}
