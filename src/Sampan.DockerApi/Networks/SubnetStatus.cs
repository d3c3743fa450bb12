namespace Sampan.DockerApi.Networks;

/// <summary>How many addresses of a subnet are used.</summary>
public sealed record SubnetStatus
{
    /// <summary>Addresses that somebody has, or nobody may have; at most 2^64 - 1.</summary>
    public ulong IPsInUse { get; init; }

    /// <summary>Addresses that are left for those who name none; at most 2^64 - 1.</summary>
    public ulong DynamicIPsAvailable { get; init; }
}
