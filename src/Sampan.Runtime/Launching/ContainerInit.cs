using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Linux.Processes;
using Sampan.Runtime.Mounting;

namespace Sampan.Runtime.Launching;

/// <summary>
/// The clone's half of a launch: from the first instruction of the child to execve. Ordinary C#, but without thread pool, timers and console.
/// </summary>
internal sealed class ContainerInit(LaunchPlan plan, ContainerResources resources, InitVoice voice)
{
    private const int SIGKILL = 9;
    private string _step = "begin";
    private IReadOnlyList<SafeFd> _labels = [];
    private bool _maySetGroups = resources.MaySetGroups;

    /// <summary>
    /// <list type="number">
    /// <item>close this process to others, and die with the launcher</item>
    /// <item>join the cgroup, join or make namespaces</item>
    /// <item>mounts, devices, masks, pivot</item>
    /// <item>host name, kernel parameters</item>
    /// <item>standard streams or console</item>
    /// <item>say Ready, wait for Start</item>
    /// <item>hooks, identity, privileges, filter, in the order that <see cref="ProcessEntry"/> justifies</item>
    /// <item>execve</item>
    /// </list>
    /// Never returns: a failing step is reported with its name, reason and operand.
    /// </summary>
    internal void Run()
    {
        try
        {
            if (plan.HasUserNamespace)
                BecomeRoot();
            using var program = ProcessEntry.Lay(plan.Process);
            Isolate();
            EnterNamespaces();
            var peer = BuildRoot();
            NameHost();
            ProcessEntry.SetStreams(plan.Process, peer, resources.Streams, ref _step);
            AwaitStart();
            ProcessEntry.Become(plan.Process, program, voice, resources with { MaySetGroups = _maySetGroups }, plan.Hooks.StartContainer, _labels, ref _step);
        }
        catch (Exception failure)
        {
            voice.SayFailed(InitFailure.From(_step, failure));
        }
        CurrentProcess.Exit(1);
    }

    /// <summary>Root of the user namespace, as soon as it has ids: what is made from now on belongs to it.</summary>
    private void BecomeRoot()
    {
        _step = "user namespace";
        voice.AwaitIds();
        _maySetGroups = IdMaps.AllowGroups();
        CurrentProcess.SetIds(0, 0, [], _maySetGroups);
    }

    private void Isolate()
    {
        _step = "isolate";
        // Before any namespace is joined: a process of that namespace could otherwise trace us or take our descriptors (CVE-2016-9962).
        CurrentProcess.SetNonDumpable();
        if (resources.DiesWithLauncher)
            CurrentProcess.SetParentDeathSignal(SIGKILL);
        CurrentProcess.BecomeSessionLeader();
        if (plan.SessionKeyring is { } keyring)
        {
            _step = "session keyring";
            SessionKeyring.Create(keyring, plan.HasUserNamespace);
        }
        if (!plan.HasUserNamespace && plan.Process.OomScoreAdj is { } badness)
        {
            _step = "oom_score_adj";
            CurrentProcess.WriteProc("oom_score_adj", badness.ToString());
        }
    }

    private void EnterNamespaces()
    {
        _step = "labels";
        _labels = SecurityLabels.Open(plan.Process.Labels);
        _step = "cgroup";
        resources.Join?.JoinSelf();
        _step = "namespaces";
        // Pids were joined before the clone: they count for children only. So was everything else but the mounts, if this was born inside.
        using (resources.Namespaces)
            resources.Namespaces?.Join(plan.IsBornInside ? NamespaceTypes.Mount : ~NamespaceTypes.Pid);
        // After the group was joined: the namespace's root is the group of this moment.
        if (plan.NewCgroupNamespace)
            CurrentProcess.Unshare(NamespaceTypes.Cgroup);
        if (plan.TimeOffsets is { } offsets)
        {
            _step = "time namespace";
            // The file of the offsets belongs to root of the host while the process is closed; nobody of the container runs yet.
            if (plan.HasUserNamespace)
                CurrentProcess.SetDumpable();
            CurrentProcess.EnterNewTimeNamespace(offsets);
            CurrentProcess.SetNonDumpable();
        }
    }

    private SafeFd? BuildRoot()
    {
        _step = "root";
        // Masks in modes given to mknod and mkdir would come from the caller's umask.
        CurrentProcess.SetUmask(0);
        if (plan.HasNewMountNamespace)
            MountSpace.SetPropagation(plan.Propagation.Kind, plan.Propagation.Recursive);
        using var assembly = RootfsAssembly.MountRoot(plan.RootDirectory, plan.RootfsMounts, resources.Cgroups, resources.Trees, plan.RootFollowsHost);
        _step = "mounts";
        foreach (var mount in plan.Mounts)
            assembly.Mount(mount);
        if (plan.Sysctl.Count > 0)
            SetKernelParameters();
        _step = "devices";
        if (plan.MakeDevices)
            assembly.MakeDevices(plan.Devices);
        RunHooks();
        var peer = plan.Process.Terminal ? MakeConsole(assembly) : null;
        _step = "masked paths";
        foreach (var path in plan.ReadonlyPaths)
            assembly.MakeReadOnly(path);
        foreach (var path in plan.MaskedPaths)
            assembly.Mask(path);
        _step = "pivot";
        if (plan.RootReadOnly)
            assembly.MakeRootReadOnly();
        if (plan.Pivot)
            MountSpace.PivotTo(assembly.Root.Descriptor);
        else
            MountSpace.MoveToRoot(assembly.Root.Descriptor);
        if (plan.RootPropagation is { } propagation && !plan.RootFollowsHost)
            MountSpace.SetPropagation(propagation.Kind, propagation.Recursive);
        return peer;
    }

    /// <summary>Through a procfs of our own: the container's /proc may be covered by a volume (CVE-2025-52881), and its /proc/sys is read-only soon.</summary>
    private void SetKernelParameters()
    {
        _step = "sysctl";
        using var proc = ProcHandle.Open();
        foreach (var (path, value) in plan.Sysctl)
            proc.Write(path, value);
    }

    private SafeFd MakeConsole(RootfsAssembly assembly)
    {
        _step = "console";
        var (master, peer) = assembly.MakeConsole(plan.Process.ConsoleSize, plan.Process.Uid, plan.Process.Gid);
        using (master)
            voice.GiveConsole(master);
        return peer;
    }

    private void RunHooks()
    {
        if (LaunchHooks.WantNamespaces(plan.Hooks))
        {
            _step = "createRuntime hooks";
            voice.AwaitHooks();
        }
        if (plan.Hooks.CreateContainer.Count > 0)
        {
            _step = "createContainer hooks";
            HookRunner.Run(plan.Hooks.CreateContainer, resources.HookState with { Pid = CurrentProcess.ReadPid() }, "createContainer");
        }
    }

    private void NameHost()
    {
        _step = "host name";
        if (plan.Hostname is { Length: > 0 } host)
            CurrentProcess.SetHostname(host);
        if (plan.Domainname is { Length: > 0 } domain)
            CurrentProcess.SetDomainname(domain);
        if (plan.Personality is { } persona)
            CurrentProcess.SetPersonality(persona);
    }

    private void AwaitStart()
    {
        _step = "exec";
        if (resources.Gate is not null && plan.Process.Args.Count > 0)
            ProcessEntry.RequireProgram(plan.Process);
        _step = "ready";
        voice.SayReady();
        _step = "start";
        voice.AwaitStart(resources.Gate, trustGate: plan.HasUserNamespace);
    }
}
