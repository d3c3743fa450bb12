using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Launching;

/// <summary>
/// Makes processes that become containers. This is the only place that clones, and only in <c>sampan-runtime</c>, where one managed thread is
/// alive: <see cref="ProcessClone"/> asserts it. Keeping it behind one method leaves the way to clone-then-re-exec open.
/// </summary>
internal static partial class Launcher
{
    /// <summary>Clones a container's init. It prepares itself and then speaks through the conversation.</summary>
    internal static LaunchedProcess Launch(LaunchPlan plan, ContainerResources resources)
    {
        using var namespaces = OpenNamespaces.Open(plan.JoinedNamespaces);
        using var trees = PreparedTrees.Open(plan, namespaces);
        resources = resources with { Trees = trees, Namespaces = namespaces };
        var launched = plan.IsBornInside ? LaunchInside(plan, resources) : LaunchBeside(plan, resources);
        if (plan.HasUserNamespace)
            GiveIds(launched, plan, resources);
        return launched;
    }

    private static LaunchedProcess LaunchBeside(LaunchPlan plan, ContainerResources resources)
    {
        using var ownPids = EnterPidNamespace(resources.Namespaces);
        try
        {
            return Clone(plan.NewNamespaces, resources.Join?.CloneInto, voice => new ContainerInit(plan, resources, voice).Run());
        }
        finally
        {
            LeavePidNamespace(ownPids);
        }
    }

    private static LaunchedProcess LaunchInside(LaunchPlan plan, ContainerResources resources)
    {
        // Out of a cgroup namespace nobody gets into groups outside of it: then the go-between enters the group before, and init is born there.
        var entersGroup = resources.Namespaces?.Find(NamespaceTypes.Cgroup) is not null;
        return CloneInside(
            () =>
            {
                // The next clone may be visible in a container from its first instruction on (CVE-2016-9962).
                CurrentProcess.SetNonDumpable();
                if (entersGroup)
                    resources.Join?.JoinSelf();
                resources.Namespaces?.JoinAround();
            },
            entersGroup ? resources.Join?.CloneInto : null, plan.NewNamespaces, entersGroup ? null : resources.Join?.CloneInto, voice => new ContainerInit(plan, resources, voice).Run());
    }

    /// <summary>Makes a process that does nothing, until it is abandoned or its launcher ends.</summary>
    internal static LaunchedProcess Hold() => Clone(NamespaceTypes.None, cgroup: null, static voice => WaitForTheEnd(voice));

    /// <summary>Makes a user namespace that nobody is in: as long as the descriptor is open, its map can be given to mounts.</summary>
    internal static SafeFd HoldUserNamespace(UserMaps maps)
    {
        var launched = Clone(NamespaceTypes.User, cgroup: null, static voice => WaitForTheEnd(voice));
        try
        {
            IdMaps.Write(launched.Process.Pid, maps.Users, maps.Groups);
            return NamespaceFile.Open($"/proc/{launched.Process.Pid}/ns/user");
        }
        finally
        {
            launched.Abandon();
        }
    }

    private static void WaitForTheEnd(InitVoice voice)
    {
        try
        {
            voice.AwaitIds();
        }
        catch (Exception failure) when (failure is RuntimeException or LinuxException)
        {
            CurrentProcess.Exit(0); // nobody needs it any more
        }
    }

    /// <summary>
    /// Until its ids are mapped the clone is nobody, and waits. What belongs to root of the host (the files of a closed process) is written from here.
    /// </summary>
    private static void GiveIds(LaunchedProcess launched, LaunchPlan plan, ContainerResources resources)
    {
        try
        {
            plan.UserMaps?.Give(launched.Process.Pid);
            // Root of the container must be able to open /dev/stderr again, which is our pipe, and to give it to its user.
            if (IdMaps.ReadRoot(launched.Process.Pid) is { } root)
                Terminal.TryGivePipes(resources.Streams, root.Uid, root.Gid);
            if (plan.Process.OomScoreAdj is { } value)
                IdMaps.WriteFile($"/proc/{launched.Process.Pid}/oom_score_adj", value.ToString(System.Globalization.CultureInfo.InvariantCulture));
            launched.Conversation.GiveIds();
        }
        catch
        {
            launched.Abandon();
            throw;
        }
    }

    /// <summary>Clones a process that enters a running container.</summary>
    internal static LaunchedProcess Enter(ProcessPlan plan, EntryResources resources)
    {
        // Processors are inherited: the launcher itself moves to them around the clone, as a clone may be born in the container's group already.
        var ownCpus = plan.InitialAffinity is null ? null : CurrentProcess.ReadAffinity();
        if (plan.InitialAffinity is { } cpus)
            CurrentProcess.SetAffinity(cpus);
        try
        {
            return EnterNamespaces(plan, resources);
        }
        finally
        {
            if (ownCpus is not null)
                CurrentProcess.SetAffinity(ownCpus);
        }
    }

    private static LaunchedProcess EnterNamespaces(ProcessPlan plan, EntryResources resources)
    {
        // Without privilege a process has no rights over the namespaces of a container until it is in its user namespace, which it cannot leave.
        if (resources.Namespaces.HasFlag(NamespaceTypes.User) && !ProcessCapabilities.ReadPermitted().Contains(Capability.SysAdmin))
            return EnterInside(plan, resources);
        // A pid namespace counts for children: this process enters it around the clone and returns at once.
        var hasOwnPids = resources.Namespaces.HasFlag(NamespaceTypes.Pid);
        // The clone is visible in the container from its first instruction on: it must be born closed to ptrace and /proc (CVE-2016-9962).
        CurrentProcess.SetNonDumpable();
        using var ownPids = hasOwnPids ? NamespaceFile.Open("/proc/self/ns/pid") : null;
        if (hasOwnPids)
            CurrentProcess.Join(resources.Init.Descriptor, NamespaceTypes.Pid, "of the container");
        try
        {
            return Clone(NamespaceTypes.None, resources.Join?.CloneInto, voice => new ExecInit(plan, resources, voice).Run());
        }
        finally
        {
            LeavePidNamespace(ownPids);
        }
    }

    private static LaunchedProcess EnterInside(ProcessPlan plan, EntryResources resources)
    {
        var first = resources.Namespaces & (NamespaceTypes.User | NamespaceTypes.Pid);
        resources = resources with { Entered = first };
        return CloneInside(
            () =>
            {
                CurrentProcess.SetNonDumpable();
                CurrentProcess.Join(resources.Init.Descriptor, first, "of the container");
            },
            between: null, NamespaceTypes.None, resources.Join?.CloneInto, voice => new ExecInit(plan, resources, voice).Run());
    }

    /// <summary>Clones, lets the clone do something and end.</summary>
    /// <returns>The clone's exit code: 0 if the work ended without an exception.</returns>
    internal static int Try(Action work)
    {
        using var process = ProcessClone.Clone(NamespaceTypes.None, cgroup: null);
        if (process is not null)
            return process.Reap()?.ExitCode ?? -1;
        try
        {
            work();
        }
        catch (Exception)
        {
            CurrentProcess.Exit(1); // the parent tells that it failed
        }
        CurrentProcess.Exit(0);
        return 0;
    }

    private static SafeFd? EnterPidNamespace(OpenNamespaces? namespaces)
    {
        if (namespaces?.Find(NamespaceTypes.Pid) is null)
            return null;
        var own = NamespaceFile.Open("/proc/self/ns/pid");
        namespaces.Join(NamespaceTypes.Pid);
        return own;
    }

    private static void LeavePidNamespace(SafeFd? own)
    {
        if (own is not null)
            CurrentProcess.Join(own, NamespaceTypes.Pid, "of the launcher");
    }

    private static LaunchedProcess Clone(NamespaceTypes namespaces, SafeFd? cgroup, Action<InitVoice> child)
    {
        var (ours, theirs) = MessageSocket.Pair();
        PidFd? process;
        try
        {
            process = ProcessClone.Clone(namespaces, cgroup);
        }
        catch
        {
            ours.Dispose();
            theirs.Dispose();
            throw;
        }
        if (process is null)
        {
            ours.Dispose();
            child(new InitVoice(theirs));
            CurrentProcess.Exit(1);
        }
        theirs.Dispose();
        return new LaunchedProcess(process, new InitConversation(ours));
    }
}
