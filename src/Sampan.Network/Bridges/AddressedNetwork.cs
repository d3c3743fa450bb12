namespace Sampan.Network.Bridges;

/// <summary>A network that gives its containers links and addresses: on a bridge of its own, or on a parent's wire.</summary>
internal abstract class AddressedNetwork
{
    /// <summary>The addresses of version 4; null: none.</summary>
    internal required BridgeSubnet? Version4 { get; init; }

    /// <summary>The addresses of version 6; null: none.</summary>
    internal BridgeSubnet? Version6 { get; init; }

    internal required int Mtu { get; init; }

    /// <summary>No way out.</summary>
    internal bool IsInternal { get; init; }

    /// <summary>What the names of links in containers begin with.</summary>
    internal abstract string LinkPrefix { get; }

    internal IEnumerable<BridgeSubnet> Subnets => new[] { Version4, Version6 }.OfType<BridgeSubnet>();

    internal BridgeSubnet? Of(bool version6) => version6 ? Version6 : Version4;
}
