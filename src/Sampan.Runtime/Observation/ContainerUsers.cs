using System.Diagnostics.CodeAnalysis;
using Sampan.Linux.Accounts;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Observation;

/// <summary>Finds out who <c>USER</c> or <c>--user</c> is, in the account files of a container.</summary>
public static class ContainerUsers
{
    /// <summary>The largest account file that is read, in bytes.</summary>
    public const int MaxFileBytes = AccountFile.MaxBytes;

    /// <summary>Resolves by Docker's rules.</summary>
    /// <param name="user"><c>user[:group]</c>; null or empty: root.</param>
    /// <param name="groups">More groups, names or numbers.</param>
    /// <param name="passwd">The content of /etc/passwd; empty if there is none.</param>
    /// <param name="group">The content of /etc/group; empty if there is none.</param>
    /// <param name="resolved">Who.</param>
    /// <param name="home">The home directory.</param>
    /// <param name="reason">Why it cannot be resolved.</param>
    public static bool TryResolve(string? user, IReadOnlyList<string> groups, ReadOnlySpan<byte> passwd, ReadOnlySpan<byte> group, [NotNullWhen(true)] out OciUser? resolved, out string home, [NotNullWhen(false)] out string? reason)
    {
        resolved = null;
        home = "/";
        if (!UserLookup.TryResolve(user, passwd, group, groups, out var found, out reason))
            return false;
        home = found.Home;
        resolved = new OciUser { Uid = found.Uid, Gid = found.Gid, AdditionalGids = found.SupplementaryGids };
        return true;
    }
}
