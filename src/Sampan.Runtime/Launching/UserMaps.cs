using System.Globalization;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Commands;

namespace Sampan.Runtime.Launching;

/// <summary>The ids of a user namespace, users and groups.</summary>
internal sealed record UserMaps(IReadOnlyList<IdRange> Users, IReadOnlyList<IdRange> Groups)
{
    private const int ComplaintMaxBytes = 4096;

    internal static UserMaps Of(IReadOnlyList<IdMapping> users, IReadOnlyList<IdMapping> groups) => new(Ranges(users), Ranges(groups));

    private static IdRange[] Ranges(IReadOnlyList<IdMapping> map) => [.. map.Select(one => new IdRange(one.ContainerId, one.HostId, one.Size))];

    /// <summary>
    /// Maps the ids of the namespace that a child was cloned into. The kernel lets a user without privilege map himself and nobody else; others are
    /// mapped by the set-uid programs <see href="https://man7.org/linux/man-pages/man1/newuidmap.1.html">newuidmap(1)</see> and newgidmap, as far as
    /// <c>/etc/subuid</c> and <c>/etc/subgid</c> give him any.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="RuntimeException">The programs are not there, or refused.</exception>
    internal void Give(int pid)
    {
        try
        {
            IdMaps.WriteUsers(pid, Users);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EPERM)
        {
            GiveByProgram("newuidmap", "/etc/subuid", "linux.uidMappings", pid, Users);
        }
        try
        {
            IdMaps.WriteGroups(pid, Groups);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EPERM)
        {
            if (Groups is [{ Count: 1 } own] && own.Outside == CurrentProcess.ReadGid())
            {
                IdMaps.DenyGroups(pid);
                IdMaps.WriteGroups(pid, Groups);
            }
            else
            {
                GiveByProgram("newgidmap", "/etc/subgid", "linux.gidMappings", pid, Groups);
            }
        }
    }

    private static void GiveByProgram(string program, string file, string member, int pid, IReadOnlyList<IdRange> map)
    {
        List<string> arguments = [program, Text(pid)];
        foreach (var (inside, outside, count) in map)
            arguments.AddRange([Text(inside), Text(outside), Text(count)]);
        using var complaint = MemoryFile.Create(program, []);
        PidFd process;
        try
        {
            process = PidFd.Open(ProgramSearch.Spawn(arguments, new SpawnOptions { Stderr = complaint }));
        }
        catch (StartFailedException failure)
        {
            throw new RuntimeException("user namespace", $"cannot map the ids of {member}: a user without privilege maps himself alone, and {program}, which would map more, cannot be run: install it (package uidmap), or map nothing but your own id", failure);
        }
        using (process)
        {
            if (process.Reap() is { ExitCode: 0 })
                return;
        }
        var said = System.Text.Encoding.UTF8.GetString(HostFile.Read(complaint.ProcPath, ComplaintMaxBytes)).Trim().ReplaceLineEndings("; ");
        throw new RuntimeException("user namespace", $"cannot map the ids of {member}: {(said.Length > 0 ? said : program + " failed")} (it takes what '{file}' gives the user)");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
