using System.Collections.ObjectModel;
using System.Text.Json;
using Sampan.Linux;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Bundles;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Mounting;

namespace Sampan.Runtime.Supervision;

/// <summary>
/// The process behind one container: parent of its init, holder of its streams and its log, and the only one that knows how it ended. It outlives
/// the daemon, which finds it by its socket. One thread, one loop.
/// </summary>
internal sealed partial class Supervisor : IPollHandler, IDisposable
{
    internal const string SocketName = "supervisor.sock";
    internal const string ExitName = "exit.json";
    private const int SIGKILL = 9;
    private const int SIGPIPE = 13;
    private const int SIGTERM = 15;
    private const int SIGCHLD = 17;
    private const int BufferSize = 32 * 1024;
    private const int IdleMilliseconds = 500;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly SupervisorLaunch _launch;
    private readonly TimeProvider _time;
    private readonly EventPoll _poll = new();
    private readonly SignalQueue _signals;
    private readonly MessageListener _listener;
    private readonly JsonLogWriter? _log;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);
    private readonly List<ControlClient> _clients = [];
    private readonly CapabilitySet _held = ProcessCapabilities.ReadPermitted();

    private ProcessStreams? _streams;
    private LaunchedProcess? _init;
    private ContainerGroup? _group;
    private NamespaceTypes _namespaces;
    private SeccompFilter? _filter;
    private Hooks _hooks = new();
    private IReadOnlyDictionary<string, string> _annotations = ReadOnlyDictionary<string, string>.Empty;
    private bool _isStarted;
    private bool _isTrimmed;

    private Supervisor(SupervisorLaunch launch, TimeProvider time)
    {
        _launch = launch;
        _time = time;
        // Blocked in every thread since the start of the process: see SupervisorClient.LaunchAsync.
        _signals = new SignalQueue(SIGCHLD, SIGTERM);
        _listener = MessageListener.Listen(launch.StateDirectory, SocketName, messages: false);
        ByteChannel.SetNonBlocking(_listener.Descriptor);
        _log = launch.LogPath is { } path ? new JsonLogWriter(launch, path, time) : null;
    }

    /// <summary>
    /// The whole life:
    /// <list type="number">
    /// <item>session leader, sub-reaper, control socket, log</item>
    /// <item>load and validate the bundle</item>
    /// <item>compute the plan</item>
    /// <item>cgroup</item>
    /// <item>clone init</item>
    /// <item>follow it until it is ready</item>
    /// <item>greet the launcher: the container is created</item>
    /// <item>one loop until the container is gone: streams, log, control socket, execs</item>
    /// <item>collect the exit, remove the cgroup, write <c>exit.json</c>, tell the clients</item>
    /// </list>
    /// </summary>
    /// <param name="record">The <see cref="SupervisorLaunch"/> as JSON.</param>
    /// <param name="launcher">Connection to the launcher, its first client.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The exit code of the supervisor: 0 if the container was made, however it ended.</returns>
    internal static int Run(ReadOnlyMemory<byte> record, SafeFd launcher, TimeProvider time)
    {
        CurrentProcess.BecomeSessionLeader();
        CurrentProcess.BecomeSubreaper();
        CurrentProcess.SetName("sampan-superv");
        CurrentProcess.SetNonDumpable();
        CurrentProcess.IgnoreSignal(SIGPIPE);
        Supervisor? supervisor = null;
        try
        {
            var launch = RuntimeDocument.ReadLaunch(record) ?? throw new RuntimeException("launch", "the launch record is empty");
            supervisor = new Supervisor(launch, time);
            supervisor.Create();
        }
        catch (Exception failure) when (failure is RuntimeException or LinuxException or JsonException or InvalidOperationException or IOException)
        {
            supervisor?.Dispose();
            var message = ControlHeader.Message(ControlKind.Failed, 0, InitFailure.From("launch", failure).Encode());
            launcher.WriteAll(message);
            return 1;
        }
        using (supervisor)
        {
            supervisor.Welcome(launcher);
            supervisor.Loop();
        }
        return 0;
    }

    private void Create()
    {
        using var undo = new Undo();
        undo.Push(() => HostFile.Remove($"{_launch.StateDirectory}/{SocketName}"));
        var bundle = Bundle.Load(_launch.StateDirectory);
        if (bundle.Spec.Process is null)
            throw ProcessEntry.NothingToRun;
        var rootDirectory = _launch.RootfsMounts.Count > 0 ? _launch.StateDirectory + "/rootfs" : bundle.RootDirectory;
        HostFile.CreateDirectory(_launch.StateDirectory + "/rootfs", OwnerOnly);
        var plan = LaunchPlanner.Plan(bundle.Spec, rootDirectory, _launch.RootfsMounts, _held);
        plan = plan with { SessionKeyring = OciRuntime.KeyringOf(_launch.Id) };
        if (_launch.SeccompProfile is { } profile)
            plan = plan with { Process = plan.Process with { Filter = SeccompFilter.ForProfile(profile, plan.Process.Capabilities.Bounding) } };
        _hooks = plan.Hooks;
        _annotations = bundle.Spec.Annotations;
        _filter = plan.Process.Filter;
        _namespaces = plan.NewNamespaces | (plan.NewCgroupNamespace ? NamespaceTypes.Cgroup : 0);
        foreach (var (type, _) in plan.JoinedNamespaces)
            _namespaces |= type;
        if (_launch.Runtime is { Path.Length: > 0 } other)
            LaunchElsewhere(other, plan, bundle, undo);
        else
            LaunchInit(plan, bundle, undo);
        undo.Release();
    }

    private void LaunchInit(LaunchPlan plan, Bundle bundle, Undo undo)
    {
        var host = CgroupHost.Detect();
        _group = ContainerGroup.Create(host, bundle.Spec, _launch.Id, undo);
        using var join = Cgroup.PrepareJoin();
        using var initProgram = plan.Process.UnderInit ? HostFile.Open("/proc/self/exe", OpenFlags.ReadOnly) : null;
        _streams = new ProcessStreams(_poll, _log, _buffer, plan.Process.Terminal);
        var streams = plan.Process.Terminal ? [null, null, null] : _streams.MakePipes(_launch.OpenStdin, stdout: true, stderr: true);
        _init = Launcher.Launch(plan, new ContainerResources
        {
            Streams = streams,
            Join = join,
            Cgroups = new CgroupView(host.Layout, Cgroup.Path, plan.NewCgroupNamespace),
            DiesWithLauncher = true,
            InitProgram = initProgram,
            HookState = HookState("creating", 0),
        });
        undo.Push(_init.Abandon);
        _group.Settle();
        foreach (var stream in streams)
            stream?.Dispose();
        var console = _init.Conversation.AwaitReady(LaunchHooks.WantNamespaces(plan.Hooks) ? RunHooksOutside : null);
        if (console is not null)
            _streams.TakeConsole(console);
    }

    private void RunHooksOutside()
    {
        var state = HookState("creating", _init?.Process.Pid ?? 0);
        HookRunner.Run(_hooks.Prestart, state, "prestart");
        HookRunner.Run(_hooks.CreateRuntime, state, "createRuntime");
    }

    private ContainerState HookState(string status, int pid) =>
        new() { OciVersion = OciRuntime.SpecVersion, Id = _launch.Id, Status = status, Pid = pid, Bundle = _launch.StateDirectory, Annotations = _annotations };

    /// <summary>Takes the listener of a filter to its agent; null if the filter has none.</summary>
    private static Action<SafeFd>? SendFilter(SeccompFilter? filter, ContainerState state, int pid) =>
        filter?.Listener is { } agent ? listener => agent.Send(listener, state, pid) : null;

    private void Welcome(SafeFd launcher)
    {
        ByteChannel.SetNonBlocking(launcher);
        _poll.Watch(_listener.Descriptor, PollEvents.Input, this);
        _poll.Watch(_signals.Descriptor, PollEvents.Input, this);
        _poll.Watch(Init.Process.Descriptor, PollEvents.Input, this);
        Greet(launcher);
    }

    private LaunchedProcess Init => _init ?? throw new InvalidOperationException("there is no init yet");

    private ProcessStreams Streams => _streams ?? throw new InvalidOperationException("there are no streams yet");

    private ContainerGroup Group => _group ?? throw new InvalidOperationException("there is no cgroup yet");

    private ICgroup Cgroup => Group.Cgroup;

    private void Greet(SafeFd socket)
    {
        var client = new ControlClient(_poll, socket, this);
        _clients.Add(client);
        client.Send(ControlKind.Hello, 0, ControlPayload.Hello(CurrentProcess.ReadPid(), Init.Process.Pid, _isStarted));
    }

    private void Loop()
    {
        while (!_isFinished)
        {
            var deadline = Sooner(NextDeadline(), ListenAgain());
            if (!_isTrimmed && _isStarted)
                deadline = Sooner(deadline, IdleMilliseconds);
            var handled = _poll.Wait(deadline);
            TellLogWaiters();
            if (handled == 0 && _isStarted && !_isTrimmed)
                Trim();
        }
    }

    /// <summary>
    /// Gives the memory back that the launch needed, most of it the parsed configuration: a supervisor lives as long as its container, and there are
    /// many. Only when nothing happens: it takes a millisecond.
    /// </summary>
    private void Trim()
    {
        _isTrimmed = true;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private int NextDeadline()
    {
        var now = Environment.TickCount64;
        var next = Streams.CutStalled(now);
        foreach (var exec in _execs.Values)
            next = Sooner(next, exec.Streams.CutStalled(now));
        return Sooner(next, FinishDeadline(now));
    }

    private static int Sooner(int one, int other) => one < 0 ? other : other < 0 ? one : Math.Min(one, other);

    /// <inheritdoc/>
    public void OnReady(SafeFd descriptor, PollEvents events)
    {
        if (ReferenceEquals(descriptor, _listener.Descriptor))
        {
            Accept();
            return;
        }
        if (ReferenceEquals(descriptor, _signals.Descriptor))
        {
            while (_signals.Take() is > 0 and var signal)
            {
                // The machine shuts down: the program shall hear of it.
                if (signal == SIGTERM)
                    _init?.Process.Send(SIGTERM);
            }
        }
        Reap();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DropKept();
        _streams?.Dispose();
        foreach (var exec in _execs.Values)
            exec.Dispose();
        for (var i = _clients.Count - 1; i >= 0; i--)
            _clients[i].Drop();
        _init?.Conversation.Dispose();
        _init?.Process.Dispose();
        _group?.Dispose();
        _listener.Dispose();
        _signals.Dispose();
        _log?.Dispose();
        _poll.Dispose();
    }
}
