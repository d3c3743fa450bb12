namespace Sampan.Linux.Netlink.Nftables;

/// <summary>The type of a field of a set's key or a map's value; the values are those that nft(8) knows.</summary>
public enum NftType
{
    /// <summary>An address of version 4.</summary>
    IPv4Address = 7,

    /// <summary>An address of version 6.</summary>
    IPv6Address = 8,

    /// <summary>The number of a transport protocol.</summary>
    Protocol = 12,

    /// <summary>A port.</summary>
    Port = 13,

    /// <summary>A number in the host's order, which nft(8) calls a mark: a slot among those that a service's containers share.</summary>
    Slot = 19,
}
