using Sampan.Network.Addresses;

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
}
