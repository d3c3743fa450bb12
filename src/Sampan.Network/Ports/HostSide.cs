using System.Net;

namespace Sampan.Network.Ports;

/// <summary>What a network says about the ports of its containers.</summary>
/// <param name="NetworkName">For messages.</param>
/// <param name="BindAddress">The address of the host for ports that name none; null: the daemon's.</param>
/// <param name="Version4">Its containers have addresses of version 4.</param>
/// <param name="Version6">Its containers have addresses of version 6.</param>
internal sealed record HostSide(string NetworkName, IPAddress? BindAddress, bool Version4, bool Version6)
{
    /// <summary>Ports of version 4 are open at the container's own address; the host's are not used.</summary>
    internal bool Routed { get; init; }

    /// <summary>The same for version 6.</summary>
    internal bool Routed6 { get; init; }
}
