using System.Net;

namespace Sampan.Linux.Netlink.Route;

/// <summary>A route in the main table.</summary>
/// <param name="Destination">The destination's network address; <see cref="IPAddress.Any"/> or <see cref="IPAddress.IPv6Any"/> for the default route.</param>
/// <param name="PrefixLength">The length of its prefix; 0 for the default route.</param>
/// <param name="Gateway">The next hop, or null if the destination is on the link.</param>
/// <param name="Index">The number of the outgoing interface, or null if there is none or there are several.</param>
/// <param name="Metric">The priority: less is preferred.</param>
public sealed record RouteEntry(IPAddress Destination, int PrefixLength, IPAddress? Gateway, int? Index, int Metric);
