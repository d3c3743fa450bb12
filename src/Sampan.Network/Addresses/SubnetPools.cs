using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Sampan.Network.Addresses;

/// <summary>
/// The subnets that networks get when they name none. The first six are Docker's; its list ends after 31, ours goes on with
/// smaller ones: 774 in all.
/// </summary>
internal sealed class SubnetPools
{
    /// <summary>More subnets of one pool than these are not looked at.</summary>
    private const int MostBits = 20;

    private readonly List<(Subnet Base, int Size)> _pools;

    /// <param name="pools">The daemon's; empty: the built-in ones.</param>
    /// <exception cref="NetworkException">A pool makes no sense.</exception>
    internal SubnetPools(IReadOnlyList<PoolOptions> pools) => _pools = [.. (pools.Count == 0 ? Default : pools).Select(Check)];

    /// <summary>Adds this machine's own addresses of version 6, unless the daemon was told of others.</summary>
    /// <param name="seed">What tells this machine from others, and stays.</param>
    internal void AddUniqueLocal(string seed)
    {
        if (!_pools.Exists(p => p.Base.IsVersion6))
            _pools.Add((UniqueLocal(seed), 64));
    }

    /// <summary>The prefix fdXX:XXXX:XXXX::/48 of <see href="https://www.rfc-editor.org/rfc/rfc4193#section-3.2">RFC 4193, 3.2</see>: forty bits that two machines have in common with a probability of one in 10^12.</summary>
    internal static Subnet UniqueLocal(string seed)
    {
        var address = new byte[16];
        address[0] = 0xFD;
        SHA256.HashData(Encoding.UTF8.GetBytes(seed)).AsSpan(0, 5).CopyTo(address.AsSpan(1));
        return Subnet.Around(new IPAddress(address), 48);
    }

    internal static IReadOnlyList<PoolOptions> Default { get; } =
    [
        new("172.18.0.0/15", 16),
        new("172.20.0.0/14", 16),
        new("172.24.0.0/13", 22),
        new("192.168.0.0/16", 24),
    ];

    /// <summary>The first subnet that overlaps nothing of what is there.</summary>
    /// <param name="taken">Subnets of networks and routes of the host.</param>
    /// <param name="version6">A subnet of version 6.</param>
    /// <exception cref="NetworkException"><see cref="NetworkError.Exhausted"/>.</exception>
    internal Subnet Choose(IReadOnlyList<(IPAddress Network, int PrefixLength)> taken, bool version6 = false)
    {
        List<Subnet> others = [.. taken.Select(t => Subnet.Around(t.Network, t.PrefixLength))];
        foreach (var (pool, size) in _pools.Where(p => p.Base.IsVersion6 == version6))
        {
            var near = others.Where(pool.Overlaps).ToList();
            for (uint number = 0; number < 1u << Math.Min(size - pool.PrefixLength, MostBits); number++)
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
        if (!Subnet.TryParse(pool.Base, out var subnet, out _) || pool.Size < subnet.PrefixLength || pool.Size > (subnet.IsVersion6 ? 64 : Subnet.LongestPrefix))
            throw new NetworkException(NetworkError.InvalidInput, $"invalid address pool 'base={pool.Base},size={pool.Size}': a subnet and a size from its prefix to {Subnet.LongestPrefix}, in version 6 to 64, are expected");
        return (subnet, pool.Size);
    }
}
