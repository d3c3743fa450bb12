using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Proc;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;

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
    private const UnixFileMode OwnerReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Hears what is not as asked for and was coped with.</summary>
    internal Action<string> Warn { get; init; } = static _ => { };

    /// <summary>True to go on without a control group where none may be made.</summary>
    internal bool IsRootless { get; init; }

    /// <summary>True if systemd is asked for the cgroups of containers.</summary>
    internal bool BySystemd { get; init; }

    /// <summary>
    /// Makes a container whose init waits for <see cref="Start(string)"/>:
    /// <list type="number">
    /// <item>reserve the id</item>
    /// <item>load and validate the bundle; compute the plan</item>
    /// <item>cgroup</item>
    /// <item>clone, and follow init until it is ready</item>
    /// <item>hand the console over, write the record and the pid file</item>
    /// </list>
    /// </summary>
    /// <param name="id">Its id.</param>
    /// <param name="options">The options.</param>
    /// <param name="onConsole">Takes the master of the terminal in place of <see cref="CreateOptions.ConsoleSocket"/>, or null.</param>
    /// <exception cref="RuntimeException">A step failed; nothing is left then.</exception>
    internal void Create(string id, CreateOptions options, Action<SafeFd>? onConsole = null)
    {
        using var undo = new Undo();
        var directory = Reserve(id, undo);
        var bundle = Bundle.Load(options.Bundle);
        ConsoleSocket.RequireUse(bundle.Spec.Process is { Terminal: true }, detaches: onConsole is null, options.ConsoleSocket);
        WarnOfCapabilities(bundle.Spec.Process, bundle.Spec);
        WarnOfLimits(bundle.Spec.Linux?.Resources);
        var spec = ServiceManager.HasSocket ? NotifyRelay.AddTo(bundle.Spec, directory) : bundle.Spec;
        var plan = LaunchPlanner.Plan(spec, bundle.RootDirectory, [], ProcessCapabilities.ReadPermitted());
        plan = plan with { Process = ServiceManager.PassDescriptors(plan.Process, options.PreservedDescriptors), Pivot = !options.NoPivot, SessionKeyring = options.NoNewKeyring ? null : KeyringOf(id) };
        undo.Push(() => RunPoststop(bundle, id));
        using var group = CreateCgroup(bundle.Spec, id, undo);
        using var join = group?.Cgroup.PrepareJoin();
        using var gate = MessageListener.Listen(directory, GateName, messages: true);
        undo.Push(() => HostFile.Remove($"{directory}/{GateName}"));
        using var initProgram = plan.Process.UnderInit ? HostFile.Open("/proc/self/exe", OpenFlags.ReadOnly) : null;
        var state = StateOf(id, "creating", 0, bundle);
        using var streams = new OwnStreams();
        var launched = Launcher.Launch(plan, new ContainerResources
        {
            Streams = streams.All,
            Join = join,
            Cgroups = ViewOf(group?.Cgroup, plan.NewCgroupNamespace),
            Gate = gate,
            InitProgram = initProgram,
            HookState = state,
            MaySetGroups = MaySetGroups(),
        });
        undo.Push(launched.Abandon);
        group?.Settle();
        // While init mounts: nobody reads it before there is a record.
        AtomicFile.Write($"{directory}/{Bundle.ConfigName}", bundle.Content.Span, OwnerReadWrite, durable: false);
        var console = launched.Conversation.AwaitReady(LaunchHooks.WantNamespaces(plan.Hooks) ? () => RunLaunchHooks(plan.Hooks, id, launched.Process.Pid, bundle) : null);
        GiveConsole(console, options.ConsoleSocket, onConsole);
        WriteRecord(directory, new ContainerRecord
        {
            Id = id,
            Pid = launched.Process.Pid,
            StartTicks = ProcessStat.Read(launched.Process.Pid)?.StartTicks ?? throw new RuntimeException("init", "init ended before it was ready"),
            Bundle = bundle.Directory,
            CgroupPath = group?.Cgroup.Path,
            SystemdUnit = group?.Unit,
            SessionKeyring = plan.SessionKeyring,
            IsPlain = IsPlain(bundle.Spec),
            CreatedAt = time.GetUtcNow(),
        });
        WritePidFile(options.PidFile, launched.Process.Pid);
        launched.Conversation.Dispose();
        undo.Release();
    }

    /// <summary>Lets the program of a created container run.</summary>
    /// <exception cref="StartFailedException">The program cannot be run.</exception>
    /// <exception cref="RuntimeException">There is no such container, or it was started already.</exception>
    public void Start(string id) => Start(id, takeRelay: null);

    /// <summary>The same; where a service manager waits for the container to be ready, this waits with it, unless somebody takes that over.</summary>
    /// <inheritdoc cref="Start(string)"/>
    internal void Start(string id, Action<NotifyRelay>? takeRelay)
    {
        var record = ReadRecord(id);
        var directory = DirectoryOf(id);
        if (StatusOf(record) != "created")
            throw new RuntimeException("start", $"cannot start container '{id}' in the {StatusOf(record)} state: it must be created");
        var bundle = record.IsPlain ? null : Bundle.LoadKept(directory, record.Bundle);
        if (bundle is { Spec.Process: null })
            throw ProcessEntry.NothingToRun;
        using var gate = ClaimGate(id, directory);
        var relay = ServiceManager.HasSocket ? NotifyRelay.TryOpen(directory, Warn) : null;
        InitConversation.Release(gate, bundle is null ? null : ListenerSender(bundle, StateOf(id, "created", record.Pid, bundle), record.Pid));
        if (bundle is { Spec.Hooks: { Poststart.Count: > 0 } hooks })
            RunPoststart(hooks, record, bundle);
        if (relay is not null)
            Follow(relay, record, takeRelay);
    }

    private static bool IsPlain(RuntimeSpec spec) => spec is { Process: not null, Hooks: null or { Poststart.Count: 0, Poststop.Count: 0 } }
        && (spec.Linux?.Seccomp is not { } filter || SeccompFilter.ListenerOf(filter) is null);

    private static void Follow(NotifyRelay relay, ContainerRecord record, Action<NotifyRelay>? takeRelay)
    {
        if (takeRelay is not null)
        {
            takeRelay(relay);
            return;
        }
        using (relay)
        using (var init = OpenInit(record))
        {
            if (init is not null)
                relay.Follow(init);
        }
    }

    /// <summary>The state of a container as JSON of the specification.</summary>
    /// <exception cref="RuntimeException">There is no such container.</exception>
    public ContainerState State(string id)
    {
        var record = ReadRecord(id);
        var status = StatusOf(record);
        var annotations = LoadLeniently(record)?.Annotations;
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
            KillInit(record);
        }
        Destroy(record);
    }
}
