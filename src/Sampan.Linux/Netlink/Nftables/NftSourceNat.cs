using System.Net;
using System.Net.Sockets;

namespace Sampan.Linux.Netlink.Nftables;

/// <summary>The packet goes on with another source address.</summary>
/// <param name="Address">The address.</param>
public sealed record NftSourceNat(IPAddress Address) : NftStatement
{
    private bool Version6 => Address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <inheritdoc/>
    public override string ToString() => $"snat {(Version6 ? "ip6" : "ip")} to {Address}";

    internal override void Write(NftExpressionWriter writer)
    {
        writer.Only(Version6);
        writer.SourceAddress(Address.GetAddressBytes(), Version6);
    }
}
