namespace Sampan.Linux.Netlink.Nftables;

/// <summary>An element of a map: which map, the key, the value.</summary>
/// <param name="Map">The map's name.</param>
/// <param name="Key">The key's fields.</param>
/// <param name="Value">The value's fields; none in a set.</param>
public sealed record NftElement(string Map, IReadOnlyList<NftField> Key, IReadOnlyList<NftField> Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.Count == 0 ? Join(Key) : $"{Join(Key)} : {Join(Value)}";

    /// <summary>All of it as text, to be compared.</summary>
    public string Whole => $"{Map} {this}";

    private static string Join(IReadOnlyList<NftField> fields) => string.Join(" . ", fields.Select(f => f.Text));
}
