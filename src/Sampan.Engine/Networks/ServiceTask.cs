using Sampan.Engine.Containers.Endpoints;

namespace Sampan.Engine.Networks;

/// <summary>A container of a service.</summary>
/// <param name="ContainerName">Its name.</param>
/// <param name="EndpointId">Its place on the network.</param>
/// <param name="Address">Its own address, or null.</param>
/// <param name="IsReady">New connections are given to it.</param>
/// <param name="Ports">Its published ports, with its first network.</param>
public sealed record ServiceTask(string ContainerName, string EndpointId, string? Address, bool IsReady, IReadOnlyList<PortSnapshot> Ports);
