using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sampan.Linux.Accounts;

/// <summary>
/// Lines of <see href="https://man7.org/linux/man-pages/man5/group.5.html">group(5)</see>:
/// <code>
/// wheel:x:10:root,admin
///  (0) (1)(2)   (3)
/// </code>
/// </summary>
internal static class GroupEntries
{
    /// <summary>Finds a group by name or, if <paramref name="group"/> is all digits, takes the number; it need not be in the file then.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> file, string group, out uint gid, [NotNullWhen(false)] out string? reason)
    {
        gid = 0;
        reason = null;
        var wanted = Encoding.UTF8.GetBytes(group);
        if (PasswdEntry.LooksLikeNumber(wanted))
        {
            if (!AccountFile.TryId(wanted, out gid))
                reason = $"uids and gids must be in range 0-{AccountFile.MaxId}, '{group}' is not";
            return reason is null;
        }

        while (AccountFile.NextLine(ref file, out var line))
        {
            if (!AccountFile.Field(line, 0).SequenceEqual(wanted))
                continue;
            if (!AccountFile.TryId(AccountFile.Field(line, 2), out gid))
                reason = $"the entry of group '{group}' in /etc/group has no valid gid";
            return reason is null;
        }

        reason = $"unable to find group {group}: no matching entries in group file";
        return false;
    }

    /// <summary>Adds every group that lists <paramref name="user"/> as a member.</summary>
    internal static bool TryAddMemberships(ReadOnlySpan<byte> file, ReadOnlySpan<byte> user, List<uint> gids, [NotNullWhen(false)] out string? reason)
    {
        reason = null;
        while (AccountFile.NextLine(ref file, out var line))
        {
            if (!HasMember(AccountFile.Field(line, 3), user))
                continue;
            if (!AccountFile.TryId(AccountFile.Field(line, 2), out var gid))
            {
                reason = $"the entry of group '{Encoding.UTF8.GetString(AccountFile.Field(line, 0))}' in /etc/group has no valid gid";
                return false;
            }

            gids.Add(gid);
        }

        return true;
    }

    private static bool HasMember(ReadOnlySpan<byte> members, ReadOnlySpan<byte> user)
    {
        foreach (var range in members.Split((byte)','))
        {
            if (members[range].Trim((byte)' ').SequenceEqual(user))
                return true;
        }

        return false;
    }
}
