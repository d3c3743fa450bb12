using System.Net;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;

namespace Sampan.Network.Firewall;

/// <summary>What the rule set needs to know of a bridge network.</summary>
/// <param name="Bridge">The interface.</param>
/// <param name="Subnet">Its containers' addresses of version 4; null: they have none.</param>
/// <param name="IsInternal">No way out: no masquerade, no published ports, nothing leaves for another interface.</param>
/// <param name="Masquerade">Containers go out with the host's address.</param>
internal sealed record FirewallNetwork(string Bridge, Subnet? Subnet, bool IsInternal, bool Masquerade = true)
{
    /// <summary>Its containers' addresses of version 6; null: they have none.</summary>
    public Subnet? Subnet6 { get; init; }

    /// <summary>Published ports obey the host's own input rules.</summary>
    public bool ObeysHost { get; init; }

    /// <summary>How version 4 is joined to the outside.</summary>
    public GatewayMode Mode { get; init; }

    /// <summary>How version 6 is joined to the outside.</summary>
    public GatewayMode Mode6 { get; init; }

    /// <summary>Interfaces whose neighbours may call published ports at the container's own address.</summary>
    public IReadOnlyList<string> Trusted { get => field ?? []; init; }

    /// <summary>The address that containers go out with; null: that of the interface they leave by.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>The same for version 6.</summary>
    public IPAddress? Source6 { get; init; }

    internal GatewayMode ModeOf(bool version6) => version6 ? Mode6 : Mode;

    internal IPAddress? SourceOf(bool version6) => version6 ? Source6 : Source;

    /// <summary>Some ports are open at the container's own address.</summary>
    internal bool OpensPorts => !IsInternal && (Mode == GatewayMode.Routed || Mode6 == GatewayMode.Routed || Trusted.Count > 0);
}
