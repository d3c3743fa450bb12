namespace Sampan.Linux.Netlink.Nftables;

/// <summary>A chain of rules.</summary>
public sealed record NftChain
{
    /// <summary>The name, unique in the table.</summary>
    public required string Name { get; init; }

    /// <summary>Where packets enter it; null for a chain reached only by jumps.</summary>
    public NftHook? Hook { get; init; }

    /// <summary>The rules in order.</summary>
    public IReadOnlyList<NftRule> Rules { get; init; } = [];
}
