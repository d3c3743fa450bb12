namespace Sampan.Linux.Netlink.Nftables;

/// <summary>A rule: conditions, then what to do if all hold.</summary>
/// <param name="Comment">Why the rule is there, for whoever lists the rules; at most 127 bytes.</param>
/// <param name="Statements">The conditions and the deed, in order.</param>
public sealed record NftRule(string Comment, params IReadOnlyList<NftStatement> Statements)
{
    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(' ', Statements)} comment \"{Comment}\"";
}
