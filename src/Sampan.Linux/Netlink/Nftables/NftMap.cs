namespace Sampan.Linux.Netlink.Nftables;

/// <summary>A map that rules look packets up in; elements come and go without the rules being touched.</summary>
/// <param name="Name">The name, unique in the table.</param>
/// <param name="Key">The types of the key's fields.</param>
/// <param name="Value">The types of the value's fields; none: a set, whose elements are keys alone.</param>
public sealed record NftMap(string Name, IReadOnlyList<NftType> Key, IReadOnlyList<NftType> Value)
{
    /// <summary>How long a set that rules fill keeps what they put there; null: rules put nothing there.</summary>
    public TimeSpan? Memory { get; init; }

    /// <summary>What a set that rules fill holds at most: nft(8)'s own choice.</summary>
    internal const int MostRemembered = 65535;

    internal bool IsSet => Value.Count == 0;

    /// <summary>What it is to the kernel.</summary>
    internal NftMapKind Kind => new(
        !IsSet ? NftConstants.NFT_SET_MAP : Memory is not null ? NftConstants.NFT_SET_TIMEOUT | NftConstants.NFT_SET_EVAL : 0,
        TypeNumber(Key),
        Length(Key),
        TypeNumber(Value),
        Length(Value),
        (ulong)(Memory?.TotalMilliseconds ?? 0));

    /// <summary>nft(8) names a random number's type by the expression that makes it.</summary>
    internal bool IsBalanced => Key is [.., NftType.Slot];

    private static uint Length(IReadOnlyList<NftType> types) => (uint)types.Sum(NftField.Size);

    /// <summary>The number nft(8) gives a concatenation: six bits per type.</summary>
    private static uint TypeNumber(IReadOnlyList<NftType> types) =>
        types.Aggregate(0u, (number, type) => (number << 6) | (uint)type);
}
