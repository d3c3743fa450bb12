using System.Globalization;
using System.Text;
using Sampan.Linux.Io;

namespace Sampan.Linux.Processes;

/// <summary>The ids of a user namespace. See <see href="https://man7.org/linux/man-pages/man7/user_namespaces.7.html">user_namespaces(7)</see>.</summary>
public static class IdMaps
{
    private const int SwitchMaxBytes = 64;
    private const int MapMaxBytes = 64 * 1024;

    /// <summary>Writes the maps of the namespace that a child has just been cloned into; each can be written once.</summary>
    /// <param name="pid">The child.</param>
    /// <param name="users">Users.</param>
    /// <param name="groups">Groups.</param>
    /// <exception cref="LinuxException">EPERM: the caller may not give these ids away.</exception>
    public static void Write(int pid, IReadOnlyList<IdRange> users, IReadOnlyList<IdRange> groups)
    {
        WriteGroups(pid, groups);
        WriteUsers(pid, users);
    }

    /// <summary>Writes the map of users.</summary>
    /// <exception cref="LinuxException">EPERM: the caller may not give these ids away.</exception>
    public static void WriteUsers(int pid, IReadOnlyList<IdRange> users) => WriteFile($"/proc/{pid}/uid_map", Format(users));

    /// <summary>Writes the map of groups.</summary>
    /// <exception cref="LinuxException">EPERM: the caller may not give these ids away.</exception>
    public static void WriteGroups(int pid, IReadOnlyList<IdRange> groups) => WriteFile($"/proc/{pid}/gid_map", Format(groups));

    /// <summary>Forbids setgroups(2) in a child's new namespace: only then may a user without privilege map his own group (CVE-2014-8989).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void DenyGroups(int pid) => WriteFile($"/proc/{pid}/setgroups", "deny");

    /// <summary>True if setgroups(2) may be called in the user namespace of a process.</summary>
    /// <param name="pid">The process, or null for the caller.</param>
    /// <exception cref="LinuxException">The kernel refused to tell.</exception>
    public static bool AllowGroups(int? pid = null) => !HostFile.Read($"/proc/{(pid is { } other ? other.ToString(CultureInfo.InvariantCulture) : "self")}/setgroups", SwitchMaxBytes).AsSpan().StartsWith("deny"u8);

    /// <summary>The user and group that are root where a process is, as the caller sees them; null: nobody is.</summary>
    /// <exception cref="LinuxException">The kernel refused to tell.</exception>
    public static (uint Uid, uint Gid)? ReadRoot(int pid) => ReadFirst(pid, "uid_map") is { } uid && ReadFirst(pid, "gid_map") is { } gid ? (uid, gid) : null;

    private static uint? ReadFirst(int pid, string map)
    {
        foreach (var line in Encoding.ASCII.GetString(HostFile.Read($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/{map}", MapMaxBytes)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["0", var outside, _] && uint.TryParse(outside, NumberStyles.None, CultureInfo.InvariantCulture, out var root))
                return root;
        }

        return null;
    }

    /// <summary>Writes a file of another process in the host's /proc.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void WriteFile(string path, string text)
    {
        using var file = HostFile.Open(path, OpenFlags.WriteOnly);
        ProcHandle.RequireProc(file, path);
        if (Syscalls.Sys.WriteAll(file.Number, Encoding.ASCII.GetBytes(text)) < 0)
            throw new LinuxException($"write '{text.TrimEnd().ReplaceLineEndings(", ")}' to", Syscalls.Sys.LastErrno, path);
    }

    // One write takes it all; the kernel splits it at line ends.
    private static string Format(IReadOnlyList<IdRange> map)
    {
        var text = new StringBuilder();
        foreach (var (inside, outside, count) in map)
            text.Append(CultureInfo.InvariantCulture, $"{inside} {outside} {count}\n");
        return text.ToString();
    }
}
