namespace Sampan.Engine.Containers.Endpoints;

/// <summary>A published port in force.</summary>
/// <param name="Port">The port inside.</param>
/// <param name="HostAddress">The host's address that listens.</param>
/// <param name="HostPort">The host's port.</param>
public sealed record PortSnapshot(ContainerPort Port, string HostAddress, ushort HostPort);
