using System.Globalization;
using System.Text;
using Sampan.Linux.Io;

namespace Sampan.Linux.Processes;

/// <summary>The ids of a user namespace. See <see href="https://man7.org/linux/man-pages/man7/user_namespaces.7.html">user_namespaces(7)</see>.</summary>
public static class IdMaps
{
    /// <summary>Writes the maps of the namespace that a child has just been cloned into; each can be written once.</summary>
    /// <param name="pid">The child.</param>
    /// <param name="users">Users.</param>
    /// <param name="groups">Groups.</param>
    /// <exception cref="LinuxException">EPERM: the caller may not give these ids away.</exception>
    public static void Write(int pid, IReadOnlyList<IdRange> users, IReadOnlyList<IdRange> groups)
    {
        WriteFile($"/proc/{pid}/gid_map", Format(groups));
        WriteFile($"/proc/{pid}/uid_map", Format(users));
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
