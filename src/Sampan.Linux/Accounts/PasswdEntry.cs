using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sampan.Linux.Accounts;

/// <summary>
/// One line of <see href="https://man7.org/linux/man-pages/man5/passwd.5.html">passwd(5)</see>, as far as it decides who a process is:
/// <code>
/// www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
///   (0)   (1)(2)(3)  (4)      (5)        (6)
/// </code>
/// </summary>
internal readonly record struct PasswdEntry(byte[]? Name, uint Uid, uint Gid, string? Home)
{
    /// <summary>Finds a user by name or, if <paramref name="user"/> is all digits, by id. Empty means id 0.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> passwd, string user, out PasswdEntry entry, [NotNullWhen(false)] out string? reason)
    {
        entry = default;
        reason = null;
        var wanted = Encoding.UTF8.GetBytes(user.Length == 0 ? "0" : user);
        var byId = LooksLikeNumber(wanted);
        uint id = 0;
        if (byId && !AccountFile.TryId(wanted, out id))
        {
            reason = $"uids and gids must be in range 0-{AccountFile.MaxId}, '{user}' is not";
            return false;
        }

        while (AccountFile.NextLine(ref passwd, out var line))
        {
            var sound = AccountFile.TryId(AccountFile.Field(line, 2), out var uid) & AccountFile.TryId(AccountFile.Field(line, 3), out var gid);
            var name = AccountFile.Field(line, 0);
            if (byId ? !sound || uid != id : !name.SequenceEqual(wanted))
                continue;
            if (!sound)
            {
                // To read what is no number as 0 would make it root.
                reason = $"the entry of user '{user}' in /etc/passwd has no valid uid and gid";
                return false;
            }

            entry = new PasswdEntry(name.ToArray(), uid, gid, Encoding.UTF8.GetString(AccountFile.Field(line, 5)));
            return true;
        }

        entry = new PasswdEntry(null, id, 0, null);
        reason = byId ? null : $"unable to find user {user}: no matching entries in passwd file";
        return byId;
    }

    /// <summary>A sign makes a number too: <c>-1</c> must be refused as out of range, not sought as a name.</summary>
    internal static bool LooksLikeNumber(ReadOnlySpan<byte> text)
    {
        var digits = text.Length > 1 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        return !digits.IsEmpty && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }
}
