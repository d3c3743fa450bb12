namespace Sampan.Network;

/// <summary>A range that subnets of new networks are cut from: Docker's <c>default-address-pools</c>.</summary>
/// <param name="Base">The range: <c>172.20.0.0/14</c>, or one of version 6.</param>
/// <param name="Size">The length of each subnet's prefix.</param>
public sealed record PoolOptions(string Base, int Size);
