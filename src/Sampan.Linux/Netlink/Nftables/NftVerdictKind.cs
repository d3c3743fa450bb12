namespace Sampan.Linux.Netlink.Nftables;

/// <summary>What becomes of a packet; the values are the kernel's.</summary>
public enum NftVerdictKind
{
    /// <summary>It goes no further.</summary>
    Drop = 0,

    /// <summary>It leaves this hook's chain well; other tables may still drop it.</summary>
    Accept = 1,

    /// <summary>It goes through another chain and comes back.</summary>
    Jump = -3,

    /// <summary>It leaves this chain; at a base chain the policy decides.</summary>
    Return = -5,
}
