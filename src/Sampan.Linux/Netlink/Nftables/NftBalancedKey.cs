namespace Sampan.Linux.Netlink.Nftables;

/// <summary>What a map of those who share connections is asked for, before the slot.</summary>
public enum NftBalancedKey
{
    /// <summary>The destination's address; the value is an address, the port stays.</summary>
    Address,

    /// <summary>Protocol and port; the value is an address and a port.</summary>
    Port,

    /// <summary>The destination's address, protocol and port; the value is an address and a port.</summary>
    AddressAndPort,
}
