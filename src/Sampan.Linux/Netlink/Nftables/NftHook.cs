namespace Sampan.Linux.Netlink.Nftables;

/// <summary>Where in the kernel a base chain sits. Its policy is accept: a table shared by nobody drops by rules, so that its absence is visible.</summary>
/// <param name="Type"><c>filter</c> or <c>nat</c>.</param>
/// <param name="Point">The point in a packet's way.</param>
/// <param name="Priority">The order among chains at that point: less is earlier.</param>
public sealed record NftHook(string Type, NftHookPoint Point, int Priority)
{
    /// <inheritdoc/>
    public override string ToString() => $"type {Type} hook {Point.ToString().ToLowerInvariant()} priority {PriorityName()}; policy accept;";

    private string PriorityName() => (Priority, Point) switch
    {
        (-300, _) => "raw",
        (-100, NftHookPoint.Prerouting) => "dstnat",
        (100, NftHookPoint.Postrouting) => "srcnat",
        (0, _) => "filter",
        _ => Priority.ToString(),
    };
}
