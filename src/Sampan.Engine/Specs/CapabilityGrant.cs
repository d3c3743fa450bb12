using Sampan.Engine.Containers.Wishes;

namespace Sampan.Engine.Specs;

/// <summary>Which capabilities a container's process gets, and which asked-for ones this machine cannot give.</summary>
internal sealed record CapabilityGrant(IReadOnlyList<string> Granted, IReadOnlyList<string> Missing)
{
    /// <summary>Docker's default set, in Docker's order: enough for package managers and servers, nothing that reaches the host.</summary>
    public static readonly IReadOnlyList<string> Default =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    /// <summary>
    /// Docker's rules: privileged is everything; <c>--cap-add ALL</c> is everything but the dropped; <c>--cap-drop ALL</c> is only
    /// the added; else the default set without the dropped, then the added. What the machine's bounding set lacks is left out and
    /// reported, since a process cannot be given what its makers do not have.
    /// </summary>
    /// <param name="wish">What the user asked for, names checked before.</param>
    /// <param name="known">Every capability there is.</param>
    /// <param name="grantable">What the daemon itself may give.</param>
    public static CapabilityGrant Decide(SecurityWish wish, IReadOnlyList<string> known, IReadOnlySet<string> grantable)
    {
        var add = wish.CapAdd.Select(Normalise).ToList();
        var drop = wish.CapDrop.Select(Normalise).ToHashSet();
        IEnumerable<string> wanted;
        if (wish.Privileged)
            wanted = known;
        else if (add.Contains("ALL"))
            wanted = known.Where(c => !drop.Contains(c));
        else if (drop.Contains("ALL"))
            wanted = add;
        else
            wanted = Default.Where(c => !drop.Contains(c)).Concat(add);
        var distinct = wanted.Distinct().ToList();
        return new CapabilityGrant([.. distinct.Where(grantable.Contains)], [.. distinct.Where(c => !grantable.Contains(c))]);
    }

    /// <summary>The upper-case name with its prefix; <c>ALL</c> stays.</summary>
    public static string Normalise(string name)
    {
        var upper = name.ToUpperInvariant();
        return upper == "ALL" || upper.StartsWith("CAP_", StringComparison.Ordinal) ? upper : "CAP_" + upper;
    }
}
