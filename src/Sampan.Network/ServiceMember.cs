namespace Sampan.Network;

/// <summary>A container of a service, on one network.</summary>
/// <param name="Endpoint">Where it is.</param>
/// <param name="IsReady">New connections are given to it.</param>
public sealed record ServiceMember(NetworkMember Endpoint, bool IsReady);
