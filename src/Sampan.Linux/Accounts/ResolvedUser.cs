namespace Sampan.Linux.Accounts;

/// <summary>Who a process runs as, with numbers ready for the kernel.</summary>
public sealed record ResolvedUser
{
    /// <summary>User id, 0 to 2^31-1.</summary>
    public required uint Uid { get; init; }

    /// <summary>Primary group id, 0 to 2^31-1.</summary>
    public required uint Gid { get; init; }

    /// <summary>
    /// Exactly the supplementary groups to set, the primary one first, none twice:
    /// a process whose primary group is missing here could leave it behind and so pass a file's "group may not" (CVE-2022-36109).
    /// </summary>
    public required IReadOnlyList<uint> SupplementaryGids { get; init; }

    /// <summary>Home directory; <c>/</c> if the user is not in the passwd file.</summary>
    public required string Home { get; init; }

    /// <summary>Name in the passwd file, or null if it is not there.</summary>
    public string? Name { get; init; }
}
