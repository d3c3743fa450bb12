using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Bundles;

/// <summary>Signals, and standing still.</summary>
public sealed partial class OciRuntime
{
    private const int SIGKILL = 9;
    private static readonly TimeSpan s_killLimit = TimeSpan.FromSeconds(30);

    /// <summary>Sends a signal to init, or to every process of the container.</summary>
    /// <exception cref="RuntimeException">There is no such container, or it does not run.</exception>
    internal void Kill(string id, int signal, bool all)
    {
        var record = ReadRecord(id);
        using var cgroup = OpenCgroup(record);
        if (all)
        {
            SignalAll(cgroup, signal);
            return;
        }
        using var init = OpenInit(record);
        if (init is null || !init.Send(signal))
            throw new RuntimeException("kill", "container not running");
        // A process that the v1 freezer stopped dies only when it is let go.
        if (signal == SIGKILL && cgroup.IsFrozen)
            cgroup.Thaw();
    }

    /// <summary>
    /// All processes, also those born while the list is read: they stand still meanwhile, unless they do already, which stays so. SIGKILL goes until
    /// nobody is left, see <see cref="ICgroup.KillAll"/>.
    /// </summary>
    private void SignalAll(ICgroup cgroup, int signal)
    {
        if (signal == SIGKILL)
        {
            if (!cgroup.KillAll(s_killLimit))
                throw new RuntimeException("kill", $"processes of the cgroup '{cgroup.Path}' did not end within {s_killLimit.TotalSeconds} s");
            return;
        }
        var freezes = !cgroup.IsFrozen && TryFreeze(cgroup);
        try
        {
            foreach (var pid in cgroup.ReadPids())
                SendIfThere(pid, signal);
        }
        finally
        {
            if (freezes)
                cgroup.Thaw();
        }
    }

    private bool TryFreeze(ICgroup cgroup)
    {
        try
        {
            cgroup.Freeze();
            return true;
        }
        catch (LinuxException failure) when (failure.Errno is Errno.EBUSY or Errno.EOPNOTSUPP)
        {
            Warn($"signalling processes that are not frozen: {failure.Message}");
            return false;
        }
    }

    private static void SendIfThere(int pid, int signal)
    {
        try
        {
            using var process = PidFd.Open(pid);
            process.Send(signal);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.ESRCH)
        {
            // It ended between the list and now.
        }
    }

    private void KillInit(ContainerRecord record)
    {
        using var init = OpenInit(record);
        if (init is null)
            return;
        init.Send(SIGKILL);
        using var cgroup = OpenCgroup(record);
        if (cgroup.IsFrozen)
            cgroup.Thaw();
        // All at once: init has no processor to die on while a bomb of its children goes off.
        cgroup.KillAll(s_killLimit);
        if (!init.WaitEnded(s_killLimit))
            throw new RuntimeException("delete", $"init of container '{record.Id}' did not end within {s_killLimit.TotalSeconds} s of SIGKILL");
    }

    /// <summary>Lets every process of a container stand still.</summary>
    /// <exception cref="RuntimeException">There is no such container, or it does not run.</exception>
    internal void Pause(string id)
    {
        var record = ReadRecord(id);
        if (StatusOf(record) is not ("running" or "created"))
            throw new RuntimeException("pause", "container not running");
        using var cgroup = OpenCgroup(record);
        cgroup.Freeze();
    }

    /// <summary>Lets a paused container go on.</summary>
    /// <exception cref="RuntimeException">There is no such container, or it is not paused.</exception>
    internal void Resume(string id)
    {
        var record = ReadRecord(id);
        if (StatusOf(record) != "paused")
            throw new RuntimeException("resume", "container not paused");
        using var cgroup = OpenCgroup(record);
        cgroup.Thaw();
    }
}
