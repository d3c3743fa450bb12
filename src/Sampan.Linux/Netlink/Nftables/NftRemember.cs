namespace Sampan.Linux.Netlink.Nftables;

/// <summary>The packet's sender, protocol and port become an element of a set that forgets, or stay it from now on.</summary>
/// <param name="Set">The set's name.</param>
/// <param name="Version6">The addresses are of version 6.</param>
public sealed record NftRemember(string Set, bool Version6 = false) : NftStatement
{
    /// <inheritdoc/>
    public override string ToString() => $"update @{Set} {{ {NftPortInSet.Key(address: true, Version6)} }}";

    internal override void Write(NftExpressionWriter writer)
    {
        NftPortInSet.Load(writer, address: true, Version6);
        writer.UpdateSet(Set);
    }
}
