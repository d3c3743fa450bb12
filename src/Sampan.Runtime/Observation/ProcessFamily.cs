using Sampan.Linux;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Observation;

/// <summary>A process of a container and all that come from it.</summary>
public static class ProcessFamily
{
    private const int SigKill = 9;
    private const int SigStop = 19;
    private const int MostRounds = 32;

    /// <summary>
    /// Kills a process and its descendants: those that have it as an ancestor or its session as theirs. They are stopped first, one
    /// generation after the other, so that none gets away by forking. Only processes in the container's cgroup are touched. One that
    /// left the session and whose parent has ended belongs to the container's first process, and stays.
    /// </summary>
    /// <param name="initPid">The container's first process, which is never killed.</param>
    /// <param name="pid">The process, as the host numbers it.</param>
    public static void Kill(int initPid, int pid)
    {
        var held = new Dictionary<int, PidFd>();
        try
        {
            for (var round = 0; round < MostRounds && Stop(initPid, pid, held); round++)
            {
            }

            foreach (var process in held.Values)
                process.Send(SigKill);
        }
        finally
        {
            foreach (var process in held.Values)
                process.Dispose();
        }
    }

    // True: there were some that had not been stopped yet.
    private static bool Stop(int initPid, int pid, Dictionary<int, PidFd> held)
    {
        var all = ContainerProcesses.List(initPid);
        var found = false;
        foreach (var one in all)
        {
            if (one.Pid == initPid || held.ContainsKey(one.Pid) || !Belongs(one, pid, all))
                continue;
            try
            {
                var process = PidFd.Open(one.Pid);
                held.Add(one.Pid, process);
                found |= process.Send(SigStop);
            }
            catch (LinuxException gone) when (gone.Errno == Errno.ESRCH)
            {
                // It ended between the list and now.
            }
        }

        return found;
    }

    private static bool Belongs(ProcessFacts one, int pid, IReadOnlyList<ProcessFacts> all)
    {
        if (one.Session == pid)
            return true;
        var seen = 0;
        for (var at = one; at is not null && seen++ <= all.Count; at = all.FirstOrDefault(p => p.Pid == at.ParentPid))
        {
            if (at.Pid == pid)
                return true;
        }

        return false;
    }
}
