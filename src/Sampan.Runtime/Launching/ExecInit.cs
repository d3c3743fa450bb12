using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Launching;

/// <summary>The clone's half of an exec: joins a running container and becomes the program.</summary>
internal sealed class ExecInit(ProcessPlan plan, EntryResources resources, InitVoice voice)
{
    private const int SIGKILL = 9;
    private string _step = "begin";

    /// <summary>
    /// <list type="number">
    /// <item>close this process to the container's, before it is visible there</item>
    /// <item>join the cgroup, then the namespaces, by the descriptor of init</item>
    /// <item>standard streams, or a terminal of the container's own devpts</item>
    /// <item>say Ready, wait for Start</item>
    /// <item>identity, privileges, filter; execve</item>
    /// </list>
    /// Never returns.
    /// </summary>
    internal void Run()
    {
        try
        {
            using var program = ProcessEntry.Lay(plan);
            _step = "isolate";
            CurrentProcess.SetNonDumpable();
            if (resources.DiesWithLauncher)
                CurrentProcess.SetParentDeathSignal(SIGKILL);
            CurrentProcess.BecomeSessionLeader();
            if (plan.OomScoreAdj is { } badness)
                CurrentProcess.WriteProc("oom_score_adj", badness.ToString());
            _step = "labels";
            var labels = SecurityLabels.Open(plan.Labels);
            _step = "cgroup";
            resources.Join?.JoinSelf();
            if (plan.FinalAffinity is { } cpus)
            {
                _step = "cpu affinity";
                CurrentProcess.SetAffinity(cpus);
            }
            _step = "namespaces";
            var joined = resources.Namespaces & ~resources.Entered;
            if (joined != 0)
                CurrentProcess.Join(resources.Init.Descriptor, joined, "of the container");
            // Root of the container's user namespace, not somebody unknown there.
            if (resources.Namespaces.HasFlag(NamespaceTypes.User))
                CurrentProcess.SetIds(0, 0, [], resources.MaySetGroups);
            if (resources.SessionKeyring is { } keyring)
            {
                _step = "session keyring";
                SessionKeyring.Join(keyring);
            }
            var peer = plan.Terminal ? MakeTerminal() : null;
            ProcessEntry.SetStreams(plan, peer, resources.Streams, ref _step);
            _step = "ready";
            voice.SayReady();
            _step = "start";
            voice.AwaitStart(gate: null);
            ProcessEntry.Become(plan, program, voice, new ContainerResources { DiesWithLauncher = resources.DiesWithLauncher, MaySetGroups = resources.MaySetGroups }, hooks: [], labels, ref _step);
        }
        catch (Exception failure)
        {
            voice.SayFailed(InitFailure.From(_step, failure));
        }
        CurrentProcess.Exit(1);
    }

    private SafeFd MakeTerminal()
    {
        _step = "console";
        using var root = RootPath.Open("/");
        using var devpts = root.OpenDirectory("/dev/pts");
        using var master = Terminal.OpenMaster(devpts);
        var peer = Terminal.OpenPeer(master);
        if (plan.ConsoleSize is { } size)
            Terminal.Resize(master, (ushort)Math.Min(size.Height, ushort.MaxValue), (ushort)Math.Min(size.Width, ushort.MaxValue));
        Terminal.ChangeOwner(peer, plan.Uid, plan.Gid);
        voice.GiveConsole(master);
        return peer;
    }
}
