using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Launching;

/// <summary>The last steps before execve, the same for a container's first process and for exec.</summary>
internal static class ProcessEntry
{
    private const int SIGKILL = 9;
    private const int FirstDescriptor = 3;
    private const string DefaultPath = "/bin:/usr/bin";

    /// <summary>The refusal to start a container whose configuration has no process.</summary>
    internal static RuntimeException NothingToRun => new("start", "process: is missing from config.json, there is nothing to run");

    /// <summary>Lays the program out in native memory: the paths to try, arguments, environment.</summary>
    internal static ProgramImage Lay(ProcessPlan plan)
    {
        if (plan.Args.Count == 0)
            return new ProgramImage([], [""], []);
        if (!plan.UnderInit)
            return new ProgramImage(Candidates(plan), plan.Args, plan.Env);
        return new ProgramImage([], ["/sbin/sampan-init", "init", "--", .. plan.Args], plan.Env);
    }

    /// <summary>The paths that the program may have: itself if it has a slash, else one per directory of the container's own PATH.</summary>
    private static List<string> Candidates(ProcessPlan plan)
    {
        var name = plan.Args[0];
        if (name.Contains('/'))
            return [name];
        var candidates = new List<string>();
        if (name.Length == 0)
            return candidates;
        foreach (var directory in PathOf(plan.Env).Split(':'))
            candidates.Add(directory.Length == 0 ? "./" + name : directory + "/" + name);
        return candidates;
    }

    private static string PathOf(IReadOnlyList<string> env)
    {
        foreach (var entry in env)
        {
            if (entry.StartsWith("PATH=", StringComparison.Ordinal))
                return entry[5..];
        }
        return DefaultPath;
    }

    /// <summary>Sets the standard streams: the terminal, which becomes the controlling one, or what the launcher gave.</summary>
    internal static void SetStreams(ProcessPlan plan, SafeFd? peer, SafeFd?[] streams, ref string step)
    {
        step = "standard streams";
        if (peer is not null)
        {
            Terminal.Control(peer);
            for (var number = 0; number < FirstDescriptor; number++)
                CurrentProcess.SetStream(peer, number);
            return;
        }
        for (var number = 0; number < FirstDescriptor; number++)
        {
            if (streams[number] is not { } stream)
                continue;
            // A user other than root must be able to open /dev/stderr again, which is this pipe.
            if (plan.Uid != 0)
                Terminal.TryChangeOwner(stream, plan.Uid);
            using var own = OwnNull(stream);
            CurrentProcess.SetStream(own ?? stream, number);
        }
    }

    /// <summary>The container's own /dev/null in place of the host's: a checkpoint cannot name a file of the host. Null for any other stream, and where there is none.</summary>
    private static SafeFd? OwnNull(SafeFd stream)
    {
        if (!IsNull(stream))
            return null;
        try
        {
            var own = HostFile.Open("/dev/null", OpenFlags.ReadWrite | OpenFlags.NoFollow | OpenFlags.NonBlocking | OpenFlags.NoControllingTerminal);
            if (IsNull(own))
                return own;
            own.Dispose();
        }
        catch (LinuxException)
        {
            // No /dev/null in there: the host's serves as well.
        }
        return null;
    }

    private static bool IsNull(SafeFd file)
    {
        var status = FileStatus.Of(file);
        return status.Kind == FileKind.CharacterDevice && status.Device == new DeviceNumber(1, 3);
    }

    /// <summary>Becomes the program. Returns never; a failure is thrown.</summary>
    /// <param name="plan">What to become.</param>
    /// <param name="program">The program, laid out.</param>
    /// <param name="voice">The way to the launcher: closed if it is gone.</param>
    /// <param name="resources">The program of the small init, if <see cref="ProcessPlan.UnderInit"/>; whether to die with the launcher; what hooks read.</param>
    /// <param name="hooks">Hooks of the container's own programs, run with exactly the rights of the program: an image brings them along.</param>
    /// <param name="labels">Open files for the labels, of <see cref="SecurityLabels.Open"/>.</param>
    /// <param name="step">The step being done.</param>
    internal static void Become(ProcessPlan plan, ProgramImage program, InitVoice voice, ContainerResources resources, IReadOnlyList<Hook> hooks, IReadOnlyList<SafeFd> labels, ref string step)
    {
        // Before capabilities go, as a better place in the queue needs CAP_SYS_NICE.
        step = "scheduler";
        if (plan.Scheduling is { } scheduling)
            CurrentProcess.SetScheduling(scheduling);
        step = "i/o priority";
        if (plan.IoPriority is { } priority)
            CurrentProcess.SetIoPriority(priority.Class, priority.Level);
        step = "limits";
        foreach (var limit in plan.Limits)
            CurrentProcess.SetLimit(limit.Resource, limit.Name, limit.Soft, limit.Hard);
        CurrentProcess.SetUmask(plan.Umask);

        // Nothing of the host may be open in the program: not even for a moment of its life (CVE-2024-21626).
        step = "descriptors";
        CloseInherited(plan);

        // Without no-new-privileges a filter needs CAP_SYS_ADMIN, so it is loaded before capabilities go; with it, as late as possible, so that it
        // need not allow what the last steps do.
        step = "filter";
        if (!plan.NoNewPrivileges)
            InstallFilter(plan, voice);

        // The bounding set first: it needs CAP_SETPCAP. Then the user, keeping the permitted set; then the sets themselves.
        step = "capabilities";
        ProcessCapabilities.DropBounding(plan.Capabilities.Bounding);
        ProcessCapabilities.KeepThroughUserChange(true);
        var entered = TryEnterDirectory(plan.Cwd);
        step = "user";
        if (!resources.MaySetGroups && plan.Groups.Length > 0)
            throw new RuntimeException("user", "process.user.additionalGids: cannot be set, as the user namespace denies setgroups(2): that of a user who maps no groups but his own does");
        CurrentProcess.SetIds(plan.Uid, plan.Gid, plan.Groups, resources.MaySetGroups);
        step = "capabilities";
        ProcessCapabilities.KeepThroughUserChange(false);
        ProcessCapabilities.Set(plan.Capabilities.Effective, plan.Capabilities.Permitted, plan.Capabilities.Inheritable);
        ProcessCapabilities.SetAmbient(plan.Capabilities.Ambient);

        step = "working directory";
        if (!entered)
            EnterDirectory(plan.Cwd);
        RequireInsideRoot(plan.Cwd);

        // A change of ids makes the process dumpable again and forgets whom to die with.
        step = "isolate";
        CurrentProcess.SetNonDumpable();
        if (resources.DiesWithLauncher)
        {
            CurrentProcess.SetParentDeathSignal(SIGKILL);
            if (UnixPeer.IsGone(voice.Descriptor))
                CurrentProcess.Exit(1);
        }
        CurrentProcess.ResetSignals();
        if (plan.UnderInit)
            CurrentProcess.BlockAllSignals();
        if (plan.NoNewPrivileges)
        {
            step = "no-new-privileges";
            ProcessCapabilities.SetNoNewPrivileges();
            step = "filter";
            InstallFilter(plan, voice);
        }
        if (hooks.Count > 0)
        {
            step = "startContainer hooks";
            HookRunner.Run(hooks, resources.HookState with { Status = "created", Pid = CurrentProcess.ReadPid() }, "startContainer");
        }
        step = "labels";
        SecurityLabels.Write(plan.Labels, labels);
        step = "exec";
        Execute(plan, program, resources.InitProgram);
    }

    /// <summary>The agent has the listener before any call could wait for it.</summary>
    private static void InstallFilter(ProcessPlan plan, InitVoice voice)
    {
        using var listener = plan.Filter?.Install();
        if (listener is not null)
            voice.GiveFilter(listener);
    }

    /// <summary>Marks every descriptor close-on-exec but the standard streams and those that the caller wished the program to keep.</summary>
    internal static void CloseInherited(ProcessPlan plan) => CurrentProcess.CloseOnExecFrom(FirstDescriptor + plan.PreservedDescriptors);

    /// <summary>As root first: a user may work in a directory that he cannot enter by himself. Where root is refused (NFS) the user tries.</summary>
    private static bool TryEnterDirectory(string path)
    {
        try
        {
            CurrentProcess.ChangeDirectory(path);
            return true;
        }
        catch (LinuxException)
        {
            return false; // tried again as the user, and reported then
        }
    }

    private static void EnterDirectory(string path)
    {
        try
        {
            CurrentProcess.ChangeDirectory(path);
        }
        catch (LinuxException failure)
        {
            var code = failure.Errno == Errno.ENOENT ? 127 : 126;
            throw new StartFailedException("working directory", $"chdir to cwd ({GoText.Quote(path)}) set in config.json failed: {GoText.Describe(failure.Errno)}", code);
        }
    }

    /// <summary>A leaked descriptor of a host directory must not have become the working directory (CVE-2024-21626).</summary>
    private static void RequireInsideRoot(string path)
    {
        if (!CurrentProcess.ReadWorkingDirectory().StartsWith('/'))
            throw new StartFailedException("working directory", $"current working directory {GoText.Quote(path)} is outside of container mount namespace root -- possible container breakout detected", 126);
    }

    private static void Execute(ProcessPlan plan, ProgramImage program, SafeFd? initProgram)
    {
        if (plan.Args.Count == 0)
            throw NothingToRun;
        if (!plan.UnderInit)
            throw Failure(plan.Args[0], program.Execute());
        if (initProgram is null)
            throw new RuntimeException("exec", "the runtime's own program is not at hand to be the container's init");
        RequireProgram(plan, Candidates(plan));
        throw new LinuxException("run the container's init", program.Execute(initProgram));
    }

    /// <summary>Says early, as well as root can say it, that there is no such program: engines want to hear it from <c>create</c>. Relative paths wait for the working directory.</summary>
    /// <exception cref="StartFailedException">There is none.</exception>
    internal static void RequireProgram(ProcessPlan plan)
    {
        var candidates = Candidates(plan);
        if (candidates.TrueForAll(path => path.StartsWith('/')))
            RequireProgram(plan, candidates);
    }

    private static void RequireProgram(ProcessPlan plan, List<string> candidates)
    {
        using var probe = new ProgramImage(candidates, [plan.Args[0]], []);
        var found = probe.Probe();
        if (found != Errno.None)
            throw Failure(plan.Args[0], found);
    }

    /// <summary>The words of runc and Go's os/exec, which scripts and Docker's exit codes depend on.</summary>
    private static StartFailedException Failure(string name, Errno errno)
    {
        var quoted = GoText.Quote(name);
        var isPath = name.Contains('/');
        return errno switch
        {
            Errno.ENOENT when !isPath => Fail($"exec: {quoted}: executable file not found in $PATH", 127),
            Errno.ENOENT when !File.Exists(name) => Fail($"exec: {quoted}: stat {name}: no such file or directory", 127),
            Errno.ENOENT => Fail($"exec {name}: no such file or directory", 127),
            Errno.ENOTDIR => Fail($"exec: {quoted}: stat {name}: not a directory", 127),
            Errno.EACCES when Directory.Exists(name) => Fail($"exec: {quoted}: is a directory", 126),
            Errno.EACCES => Fail($"exec: {quoted}: permission denied", 126),
            _ => Fail($"exec {name}: {GoText.Describe(errno)}", 126),
        };

        static StartFailedException Fail(string message, int code) => new("exec", message, code);
    }
}
