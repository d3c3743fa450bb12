using Sampan.Network.Addresses;

namespace Sampan.Network.Firewall;

/// <summary>What the firewall must know of a bridge network.</summary>
/// <param name="Bridge">The interface's name.</param>
/// <param name="Subnet">The containers' addresses.</param>
/// <param name="IsInternal">No way in or out.</param>
internal sealed record FirewallNetwork(string Bridge, Subnet Subnet, bool IsInternal);
