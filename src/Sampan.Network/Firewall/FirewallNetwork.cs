using Sampan.Network.Addresses;

namespace Sampan.Network.Firewall;

/// <summary>What the firewall must know of a bridge network.</summary>
/// <param name="Bridge">The interface's name.</param>
/// <param name="Subnet">The containers' addresses.</param>
/// <param name="IsInternal">No way in or out.</param>
/// <param name="Masquerade">Containers go out with the host's address; else with their own, for networks that others have routes to.</param>
internal sealed record FirewallNetwork(string Bridge, Subnet Subnet, bool IsInternal, bool Masquerade = true);
