using System.Net;

namespace Sampan.Network.Endpoints;

/// <summary>Where a container's default route of one version goes.</summary>
/// <param name="Endpoint">The endpoint that has it.</param>
/// <param name="Address">The container's address there.</param>
/// <param name="Gateway">The next hop.</param>
/// <param name="IsRouted">There is none: the link itself leads out.</param>
internal sealed record WayOut(EndpointRecord Endpoint, IPAddress Address, IPAddress Gateway, bool IsRouted);
