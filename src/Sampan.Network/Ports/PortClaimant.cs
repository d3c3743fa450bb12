namespace Sampan.Network.Ports;

/// <summary>Who wants ports.</summary>
/// <param name="ContainerId">The container, which keeps them for as long as it has a namespace.</param>
/// <param name="ContainerName">For messages.</param>
/// <param name="EndpointId">The endpoint it asks with, for messages.</param>
/// <param name="Service">The service whose containers share the host's ports, or null.</param>
internal sealed record PortClaimant(string ContainerId, string ContainerName, string EndpointId, string? Service = null);
