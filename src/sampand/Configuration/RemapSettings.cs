using System.Globalization;
using Sampan.Engine.Users;
using Sampan.Linux.Accounts;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;

namespace Sampand.Configuration;

/// <summary><c>--userns-remap</c>: whose ids containers have, by <see href="https://man7.org/linux/man-pages/man5/subuid.5.html">subuid(5)</see>.</summary>
internal static class RemapSettings
{
    /// <summary>The user that <c>default</c> means, as in Docker.</summary>
    internal const string DefaultUser = "dockremap";

    private const int FileMaxBytes = 1 << 20;
    private const int MaxRanges = 340; // UID_GID_MAP_MAX_EXTENTS

    /// <summary>Reads the setting with this host's files.</summary>
    internal static UserRemap? Read(string text, List<string> problems)
    {
        try
        {
            return Read(text, Content("/etc/subuid"), Content("/etc/subgid"), UserLookup.TryFindName, problems);
        }
        catch (Sampan.Linux.LinuxException failure)
        {
            problems.Add($"invalid value of 'userns-remap': {failure.Message}");
            return null;
        }
    }

    /// <summary>Reads <c>default</c>, <c>user[:group]</c>, <c>uid[:gid]</c>, or a range of its own, <c>0:100000:65536</c>.</summary>
    /// <param name="text">The setting.</param>
    /// <param name="subuid">Ranges of users.</param>
    /// <param name="subgid">Ranges of groups.</param>
    /// <param name="nameOf">The name of a user by his id; null: he has none.</param>
    /// <param name="problems">What is wrong.</param>
    internal static UserRemap? Read(string text, string subuid, string subgid, Func<uint, string?> nameOf, List<string> problems)
    {
        var parts = text.Split(':');
        if (parts.Length == 3)
            return Explicit(text, parts, problems);
        if (parts.Length > 3 || parts[0].Length == 0 || parts[^1].Length == 0)
            return Wrong(text, "expected default, USER[:GROUP], UID[:GID] or INSIDE:OUTSIDE:COUNT", problems);
        // Docker takes both kinds of ids from the ranges of the user; the group is whose the data root would be.
        var user = parts[0] == "default" ? DefaultUser : parts[0];
        var users = Ranges(user, subuid, nameOf);
        var groups = Ranges(user, subgid, nameOf);
        if (users.Count == 0 || groups.Count == 0)
            return Wrong(text, $"there is no range of ids for '{user}' in '/etc/sub{(users.Count == 0 ? "u" : "g")}id': add one to '/etc/subuid' and '/etc/subgid', such as '{user}:100000:65536'", problems);
        return users.Count > MaxRanges || groups.Count > MaxRanges ? Wrong(text, $"'{user}' has more than {MaxRanges} ranges of ids, the kernel takes no more", problems) : new UserRemap(users, groups);
    }

    private static UserRemap? Explicit(string text, string[] parts, List<string> problems)
    {
        if (!TryNumber(parts[0], out var inside) || inside != 0 || !TryNumber(parts[1], out var outside) || !TryNumber(parts[2], out var count) || count == 0 || (ulong)outside + count > uint.MaxValue)
            return Wrong(text, "expected 0:OUTSIDE:COUNT, such as '0:100000:65536'", problems);
        IReadOnlyList<IdMapping> map = [new IdMapping { ContainerId = 0, HostId = outside, Size = count }];
        return new UserRemap(map, map);
    }

    // Each range follows the one before, inside.
    private static List<IdMapping> Ranges(string user, string file, Func<uint, string?> nameOf)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { user };
        if (TryNumber(user, out var id) && nameOf(id) is { } name)
            names.Add(name);
        var ranges = new List<IdMapping>();
        uint next = 0;
        foreach (var line in file.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(':') is not [var owner, var start, var length] || !names.Contains(owner) || !TryNumber(start, out var first) || !TryNumber(length, out var count) || count == 0
                || (ulong)first + count > uint.MaxValue || (ulong)next + count > uint.MaxValue)
                continue;
            ranges.Add(new IdMapping { ContainerId = next, HostId = first, Size = count });
            next += count;
        }

        return ranges;
    }

    private static UserRemap? Wrong(string text, string why, List<string> problems)
    {
        problems.Add($"invalid value of 'userns-remap': '{text}': {why}");
        return null;
    }

    private static string Content(string path) => File.Exists(path) ? System.Text.Encoding.UTF8.GetString(HostFile.Read(path, FileMaxBytes)) : "";

    private static bool TryNumber(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
