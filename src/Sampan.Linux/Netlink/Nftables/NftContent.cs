namespace Sampan.Linux.Netlink.Nftables;

/// <summary>What the kernel has under a table's name.</summary>
/// <param name="Generation">Which state of all tables this is: each transaction, whosever it is, makes the next one.</param>
/// <param name="IsThere">There is such a table.</param>
/// <param name="Chains">Its chains, each with the place where packets enter it.</param>
/// <param name="Maps">Its maps but those that are part of a rule.</param>
/// <param name="Elements">The elements of the maps that were asked for.</param>
internal sealed record NftContent(
    uint Generation,
    bool IsThere,
    IReadOnlyDictionary<string, NftHook?> Chains,
    IReadOnlyDictionary<string, NftMapKind> Maps,
    IReadOnlyList<NftElement> Elements);
