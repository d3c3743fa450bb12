using System.Net;

namespace Sampan.Linux.Netlink.Route;

/// <summary>An address of an interface.</summary>
/// <param name="Index">The number of the interface.</param>
/// <param name="Address">The address, version 4 or 6.</param>
/// <param name="PrefixLength">The length of the subnet's prefix, bits.</param>
public sealed record LinkAddress(int Index, IPAddress Address, int PrefixLength);
