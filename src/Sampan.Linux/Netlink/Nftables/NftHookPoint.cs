namespace Sampan.Linux.Netlink.Nftables;

/// <summary>A point in a packet's way through the kernel; the values are the kernel's (<c>NF_INET_…</c>).</summary>
public enum NftHookPoint
{
    /// <summary>It arrived; where it goes is not decided.</summary>
    Prerouting = 0,

    /// <summary>It is for this host.</summary>
    Input = 1,

    /// <summary>It passes through this host.</summary>
    Forward = 2,

    /// <summary>A process of this host sent it.</summary>
    Output = 3,

    /// <summary>It is about to leave.</summary>
    Postrouting = 4,
}
