namespace Sampan.Network.Bridges;

/// <summary>How a bridge network is joined to the outside, for one version: Docker's <c>gateway_mode_ipv4</c> and <c>_ipv6</c>.</summary>
internal enum GatewayMode
{
    /// <summary>Behind the host's address; published ports are open.</summary>
    Nat,

    /// <summary>Behind the host's address; whoever knows the way to a container reaches all its ports.</summary>
    NatUnprotected,

    /// <summary>With the container's own address; published ports are open there, and the host's ports are not used.</summary>
    Routed,

    /// <summary>The bridge itself has no address: containers do not reach the host either. For internal networks.</summary>
    Isolated,
}
