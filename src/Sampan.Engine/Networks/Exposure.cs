namespace Sampan.Engine.Networks;

/// <summary>From where a port of a container can be reached, and why.</summary>
/// <param name="Container">The container's name.</param>
/// <param name="Network">The network that it is about.</param>
/// <param name="Port">The port inside (<c>80/tcp</c>), or <c>all</c>.</param>
/// <param name="At">Where it is called: an address, with a port where it is a published one.</param>
/// <param name="From">Who can call there.</param>
/// <param name="Why">Which wish of the user's opened it.</param>
public sealed record Exposure(string Container, string Network, string Port, string At, string From, string Why);
