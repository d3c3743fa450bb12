using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Io;
using Sampan.Linux.Proc;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Mounting;

namespace Sampan.Runtime.Bundles;

/// <summary>
/// The operations of the <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/runtime.md#operations">runtime specification</see>,
/// each one process that comes and goes; what they share lies in <c>ROOT/ID/state.json</c>.
/// </summary>
/// <param name="root">Directory of all containers of this runtime.</param>
/// <param name="time">The clock.</param>
public sealed partial class OciRuntime(string root, TimeProvider time)
{
    private const string GateName = "init.sock";
    private const int RecordMaxBytes = 1024 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// Makes a container whose init waits for <see cref="Start"/>:
    /// <list type="number">
    /// <item>reserve the id</item>
    /// <item>load and validate the bundle; compute the plan</item>
    /// <item>cgroup</item>
    /// <item>clone, and follow init until it is ready</item>
    /// <item>hand the console over, write the record and the pid file</item>
    /// </list>
    /// </summary>
    /// <exception cref="RuntimeException">A step failed; nothing is left then.</exception>
    public void Create(string id, CreateOptions options)
    {
        using var undo = new Undo();
        var directory = Reserve(id, undo);
        var bundle = Bundle.Load(options.Bundle);
        if (bundle.Spec.Process is { Terminal: true } && options.ConsoleSocket is null)
            throw new RuntimeException("console", "the process wants a terminal: give --console-socket to receive it");
        var plan = LaunchPlanner.Plan(bundle.Spec, bundle.RootDirectory, [], ProcessCapabilities.ReadPermitted()) with { Pivot = !options.NoPivot };
        plan = plan with { Process = plan.Process with { PreservedDescriptors = options.PreservedDescriptors } };
        var path = CgroupPathOf(bundle.Spec, id);
        var host = CgroupHost.Detect();
        using var cgroup = host.Create(path);
        undo.Push(() => RemoveCgroup(path));
        cgroup.Apply(ResourceConversion.ForNew(bundle.Spec.Linux?.Resources));
        using var join = cgroup.PrepareJoin();
        using var gate = MessageListener.Listen(directory, GateName, messages: true);
        undo.Push(() => HostFile.Remove($"{directory}/{GateName}"));
        using var initProgram = plan.Process.UnderInit ? HostFile.Open("/proc/self/exe", OpenFlags.ReadOnly) : null;
        var state = StateOf(id, "creating", 0, bundle);
        var launched = Launcher.Launch(plan, new ContainerResources
        {
            Join = join,
            Cgroups = new CgroupView(host.Layout, path, plan.NewCgroupNamespace),
            Gate = gate,
            InitProgram = initProgram,
            HookState = state,
        });
        undo.Push(launched.Abandon);
        using var console = launched.Conversation.AwaitReady(LaunchHooks.WantNamespaces(plan.Hooks) ? () => RunLaunchHooks(plan.Hooks, id, launched.Process.Pid, bundle) : null);
        if (console is not null && options.ConsoleSocket is { } socket)
            ConsoleSocket.Send(socket, console);
        WriteRecord(directory, new ContainerRecord
        {
            Id = id,
            Pid = launched.Process.Pid,
            StartTicks = ProcessStat.Read(launched.Process.Pid)?.StartTicks ?? throw new RuntimeException("init", "init ended before it was ready"),
            Bundle = bundle.Directory,
            CgroupPath = path,
            CreatedAt = time.GetUtcNow(),
        });
        if (options.PidFile is { } pidFile)
            AtomicFile.Write(pidFile, System.Text.Encoding.ASCII.GetBytes(launched.Process.Pid.ToString()), OwnerReadWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, durable: false);
        launched.Conversation.Dispose();
        undo.Release();
    }

    private const UnixFileMode OwnerReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Lets the program of a created container run.</summary>
    /// <exception cref="StartFailedException">The program cannot be run.</exception>
    /// <exception cref="RuntimeException">There is no such container, or it was started already.</exception>
    public void Start(string id)
    {
        var record = ReadRecord(id);
        var directory = DirectoryOf(id);
        if (StatusOf(record) != "created")
            throw new RuntimeException("start", $"cannot start container '{id}' in the {StatusOf(record)} state: it must be created");
        using var gate = MessageSocket.Connect(directory, GateName);
        HostFile.Remove($"{directory}/{GateName}");
        InitConversation.Release(gate);
        var bundle = Bundle.Load(record.Bundle);
        if (bundle.Spec.Hooks is { Poststart.Count: > 0 } hooks)
            HookRunner.Run(hooks.Poststart, StateOf(id, "running", record.Pid, bundle), "poststart");
    }

    /// <summary>The state of a container as JSON of the specification.</summary>
    /// <exception cref="RuntimeException">There is no such container.</exception>
    public ContainerState State(string id)
    {
        var record = ReadRecord(id);
        var status = StatusOf(record);
        var annotations = LoadLeniently(record.Bundle)?.Annotations;
        return new ContainerState
        {
            OciVersion = SpecVersion,
            Id = id,
            Status = status,
            Pid = status == "stopped" ? 0 : record.Pid,
            Bundle = record.Bundle,
            Annotations = annotations ?? new Dictionary<string, string>(),
        };
    }

    /// <summary>Sends a signal to init, or to every process of the container.</summary>
    /// <exception cref="RuntimeException">There is no such container, or it does not run.</exception>
    public void Kill(string id, int signal, bool all)
    {
        var record = ReadRecord(id);
        if (all)
        {
            using var cgroup = CgroupHost.Detect().Open(record.CgroupPath);
            SignalAll(cgroup, signal);
            return;
        }
        using var init = OpenInit(record);
        if (init is null || !init.Send(signal))
            throw new RuntimeException("kill", "container not running");
    }

    /// <summary>Removes a stopped container; with <paramref name="force"/> a running one is killed first, and one that is not there is well.</summary>
    /// <exception cref="RuntimeException">It still runs, or something could not be removed.</exception>
    public void Delete(string id, bool force)
    {
        ContainerRecord record;
        try
        {
            record = ReadRecord(id);
        }
        catch (RuntimeException) when (force)
        {
            RemoveDirectory(DirectoryOf(id));
            return;
        }
        if (StatusOf(record) != "stopped")
        {
            if (!force)
                throw new RuntimeException("delete", $"cannot delete container '{id}' that is not stopped: {StatusOf(record)}");
            using var init = OpenInit(record);
            init?.Send(9);
            init?.WaitEnded(TimeSpan.FromSeconds(10));
        }
        RemoveCgroup(record.CgroupPath);
        var spec = LoadLeniently(record.Bundle);
        RemoveDirectory(DirectoryOf(id));
        if (spec?.Hooks is { Poststop.Count: > 0 } hooks)
            HookRunner.Run(hooks.Poststop, StateOf(id, "stopped", 0, new Bundle(record.Bundle, spec)), "poststop");
    }

    /// <summary>Ids of all containers.</summary>
    public IReadOnlyList<string> List() =>
        Directory.Exists(root) ? [.. Directory.EnumerateDirectories(root).Where(one => File.Exists(one + "/state.json")).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)] : [];

    /// <summary>Waits until init has ended; for <c>run</c>, which is its parent.</summary>
    /// <returns>The exit code: 128 and the signal if one ended it.</returns>
    public int WaitForChild(string id)
    {
        using var init = PidFd.Open(ReadRecord(id).Pid);
        return init.Reap()?.ExitCode ?? 255;
    }
}
