using System.Diagnostics.CodeAnalysis;
using System.Text;
using Sampan.Linux.Io;

namespace Sampan.Linux.Accounts;

/// <summary>
/// Turns a <c>USER</c> of an image or <c>--user</c> into numbers, by Docker's rules: <c>name</c>, <c>uid</c>, <c>name:group</c>, <c>uid:gid</c>.
/// Digits are always an id, never a name (CVE-2016-3697); an id out of range or a name that is not there is an error and never root
/// (CVE-2024-40635, CVE-2026-46680). Pure and total: any bytes in, a result or a reason out.
/// </summary>
public static class UserLookup
{
    /// <summary>Resolves against the account files beneath a root.</summary>
    /// <param name="root">The image's or container's root; missing files count as empty.</param>
    /// <param name="user">What was asked; null or empty means uid 0, gid 0.</param>
    /// <param name="additionalGroups">More supplementary groups (<c>--group-add</c>), names or ids.</param>
    /// <param name="resolved">Who, or null.</param>
    /// <param name="reason">Why not, or null.</param>
    public static bool TryResolve(RootPath root, string? user, IReadOnlyList<string> additionalGroups, [NotNullWhen(true)] out ResolvedUser? resolved, [NotNullWhen(false)] out string? reason)
    {
        resolved = null;
        if (!TryRead(root, "/etc/passwd", out var passwd, out reason) || !TryRead(root, "/etc/group", out var group, out reason))
            return false;
        return TryResolve(user, passwd, group, additionalGroups, out resolved, out reason);
    }

    /// <summary>The name that this host's <c>/etc/passwd</c> has for a user; null if it has none, or cannot be read.</summary>
    public static string? TryFindName(uint uid)
    {
        using var host = RootPath.Open("/");
        return TryRead(host, "/etc/passwd", out var passwd, out _) && PasswdEntry.TryFind(passwd, uid.ToString(System.Globalization.CultureInfo.InvariantCulture), out var entry, out _) && entry.Name is { } name
            ? Encoding.UTF8.GetString(name) : null;
    }

    /// <summary>Resolves against the content of a passwd and a group file.</summary>
    /// <param name="user">What was asked; null or empty means uid 0, gid 0.</param>
    /// <param name="passwd">Content of <see href="https://man7.org/linux/man-pages/man5/passwd.5.html">passwd(5)</see>.</param>
    /// <param name="group">Content of <see href="https://man7.org/linux/man-pages/man5/group.5.html">group(5)</see>.</param>
    /// <param name="additionalGroups">More supplementary groups, names or ids.</param>
    /// <param name="resolved">Who, or null.</param>
    /// <param name="reason">Why not, or null.</param>
    public static bool TryResolve(string? user, ReadOnlySpan<byte> passwd, ReadOnlySpan<byte> group, IReadOnlyList<string> additionalGroups, [NotNullWhen(true)] out ResolvedUser? resolved, [NotNullWhen(false)] out string? reason)
    {
        resolved = null;
        reason = AccountFile.Refuse(passwd, "the image's /etc/passwd") ?? AccountFile.Refuse(group, "the image's /etc/group");
        if (reason is not null)
            return false;

        // The first colon parts user and group; neither may contain one.
        var (userText, groupText) = user?.IndexOf(':') is int colon and >= 0 ? (user[..colon], user[(colon + 1)..]) : (user ?? "", "");

        if (!PasswdEntry.TryFind(passwd, userText, out var entry, out reason))
            return false;

        var gids = new List<uint>();
        var gid = entry.Gid;
        if (groupText.Length > 0)
        {
            if (!GroupEntries.TryFind(group, groupText, out gid, out reason))
                return false;
            gids.Add(gid);
        }
        else
        {
            gids.Add(gid);
            if (entry.Name is { } name && !GroupEntries.TryAddMemberships(group, name, gids, out reason))
                return false;
        }

        foreach (var additional in additionalGroups)
        {
            if (!GroupEntries.TryFind(group, additional, out var more, out reason))
                return false;
            gids.Add(more);
        }

        resolved = new ResolvedUser
        {
            Uid = entry.Uid,
            Gid = gid,
            SupplementaryGids = WithoutRepeats(gids),
            Home = entry.Home is { Length: > 0 } home ? home : "/",
            Name = entry.Name is null ? null : Encoding.UTF8.GetString(entry.Name),
        };
        reason = resolved.SupplementaryGids.Count > AccountFile.MaxGroups ? $"user '{user}' is in more than {AccountFile.MaxGroups} groups" : null;
        if (reason is not null)
            resolved = null;
        return resolved is not null;
    }

    private static bool TryRead(RootPath root, string path, out byte[] content, [NotNullWhen(false)] out string? reason)
    {
        content = [];
        reason = null;
        try
        {
            content = root.ReadFile(path, AccountFile.MaxBytes);
        }
        catch (LinuxException failure) when (failure.Errno is Errno.ENOENT or Errno.ENOTDIR)
        {
            return true;
        }
        catch (LinuxException failure)
        {
            reason = failure.Message;
        }

        return reason is null;
    }

    private static List<uint> WithoutRepeats(List<uint> gids)
    {
        var once = new List<uint>(gids.Count);
        var seen = new HashSet<uint>();
        foreach (var gid in gids)
        {
            if (seen.Add(gid))
                once.Add(gid);
        }

        return once;
    }
}
