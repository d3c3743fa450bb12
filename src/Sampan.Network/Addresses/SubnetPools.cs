using System.Net;

namespace Sampan.Network.Addresses;

/// <summary>
/// The subnets that networks get when they name none. The first six are Docker's; its list ends after 31, ours goes on with
/// smaller ones: 774 in all.
/// </summary>
internal sealed class SubnetPools
{
    private readonly List<(Subnet Base, int Size)> _pools;

    /// <exception cref="NetworkException">A pool makes no sense.</exception>
    internal SubnetPools(IReadOnlyList<PoolOptions> pools) => _pools = [.. (pools.Count == 0 ? Default : pools).Select(Check)];

    internal static IReadOnlyList<PoolOptions> Default { get; } =
    [
        new("172.18.0.0/15", 16),
        new("172.20.0.0/14", 16),
        new("172.24.0.0/13", 22),
        new("192.168.0.0/16", 24),
    ];

    /// <summary>The first subnet that overlaps nothing of what is there.</summary>
    /// <param name="taken">Subnets of networks and routes of the host.</param>
    /// <exception cref="NetworkException"><see cref="NetworkError.Exhausted"/>.</exception>
    internal Subnet Choose(IReadOnlyList<(IPAddress Network, int PrefixLength)> taken)
    {
        List<Subnet> others = [.. taken.Select(t => Subnet.Of(t.Network, t.PrefixLength))];
        foreach (var (pool, size) in _pools)
        {
            var near = others.Where(pool.Overlaps).ToList();
            for (uint number = 0; number < 1u << (size - pool.PrefixLength); number++)
            {
                var subnet = pool.Part(number, size);
                if (!near.Exists(subnet.Overlaps))
                    return subnet;
            }
        }

        throw new NetworkException(
            NetworkError.Exhausted,
            "all predefined address pools have been fully subnetted: remove networks, choose a subnet with --subnet, or give the daemon more with --default-address-pool");
    }

    private static (Subnet Base, int Size) Check(PoolOptions pool)
    {
        if (!Subnet.TryParse(pool.Base, out var subnet, out _) || pool.Size < subnet.PrefixLength || pool.Size > Subnet.LongestPrefix)
            throw new NetworkException(NetworkError.InvalidInput, $"invalid address pool 'base={pool.Base},size={pool.Size}': a subnet of version 4 and a size from its prefix to {Subnet.LongestPrefix} are expected");
        return (subnet, pool.Size);
    }
}
