using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Logs;
using Sampan.Engine.Logs.Drivers;
using Sampan.Engine.Networks;
using Sampan.Engine.Specs;
using Sampan.Engine.Supervision;
using Sampan.Network;
using Sampan.Runtime;
using Sampan.Runtime.Observation;
using static Sampan.Engine.Containers.States.ContainerState;

namespace Sampan.Engine.Recipes;

/// <summary>
/// Starts a container:
/// (1) enter the gate; move the state by the table
/// (2) ask the snapshotter for mounts, described, not mounted
/// (3) mount volumes that have to be, see to the sources of bind mounts
/// (4) connect the network: a namespace by its path; wiring goes on while 5 and 6 run
/// (5) build the OCI spec
/// (6) launch the supervisor: the last step that can be cancelled
/// (7) connect those who attached before, start the process; Running; persist; release the undo stack
/// (8) publish; hand the exit to the <see cref="ExitWatcher"/>.
/// </summary>
internal sealed class StartRecipe(EngineParts parts, ExitWatcher watcher)
{
    /// <summary>The exit code of a start that failed.</summary>
    internal const int FailureCode = 128;

    /// <summary>Does it.</summary>
    /// <param name="container">Which.</param>
    /// <param name="byPolicy">The restart policy starts it, not a person.</param>
    /// <param name="ct">Heeded up to step 6.</param>
    public async Task<StartOutcome> RunAsync(Container container, bool byPolicy, CancellationToken ct)
    {
        // (1)
        await container.Gate.WaitAsync(ct);
        try
        {
            var before = container.Current;
            if (before.State is Running or Stopping)
                return StartOutcome.AlreadyRunning;
            Refuse(before);
            DescriptorShortage.Check($"start container '{before.Name}'");
            container.Move(new Starting());
            container.Update(c => byPolicy ? c : c with { RestartsAt = null, RestartCount = 0, RestartsForgiven = 0 });
            try
            {
                await LaunchAsync(container, ct);
            }
            catch (Exception failure)
            {
                throw Fail(container, before, failure);
            }
        }
        finally
        {
            container.Gate.Release();
        }

        return StartOutcome.Started;
    }

    private static void Refuse(ContainerSnapshot container)
    {
        if (container.State is Paused)
            throw EngineException.Conflict("cannot start a paused container, try unpause instead");
        if (container.State is Removing or Dead)
            throw EngineException.Conflict("container is marked for removal and cannot be started");
    }

    private async Task LaunchAsync(Container container, CancellationToken ct)
    {
        await using var undo = parts.NewUndo("start");
        var current = container.Current;
        var state = parts.StateDirectory(current.Id);

        // (4) begins here, since it takes longest; (2), (3) and the user's lookup go on beside it.
        var joining = JoinAsync(container, undo, ct);
        IReadOnlyList<Oci.Runtime.Mount> mounts;
        Identity who;
        try
        {
            mounts = Translate.Run(() => parts.Snapshots.Mounts(current.Id));
            mounts = parts.UsersOf(current.Spec)?.Shown(mounts) ?? mounts;
            var placed = await VolumeUse.AcquireAsync(parts, current.Mounts, current.Id, undo, ct);
            if (!placed.SequenceEqual(current.Mounts, ReferenceEqualityComparer.Instance))
                container.Update(c => c with { Mounts = placed });
            BindSources.Prepare(current.Mounts);
            who = Identity.Find(parts, current, current.Spec.User);
        }
        finally
        {
            await ((Task)joining).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var place = await joining;
        DaemonFailPoint.Reach("start.network-joined");

        // (5)
        var inputs = SpecSources.For(parts, container.Current, who, place);
        var spec = SpecSources.WithDevices(parts, container.Current.Spec, SpecBuilder.Build(inputs));

        // (6)
        if (current.Spec.Resources.CpuRealtimeRuntime is > 0 && parts.Options.CpuRealtimeRuntime is { } share)
            Translate.Run(() => HostCgroups.AllowRealTime(Path.GetDirectoryName(inputs.CgroupPath) ?? "/", share, parts.Options.CpuRealtimePeriod));
        ResetDirectory(state);
        undo.Push("make state directory", () => Directory.Delete(state, recursive: true));
        DaemonFailPoint.Reach("start.directory-made");
        var launching = parts.Supervisors.LaunchAsync(Order(container.Current, state, spec, mounts), ct);
        await Task.WhenAll(launching, place.Wired).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (launching.IsCompletedSuccessfully)
            undo.Push("launch supervisor", async () => await Ending.KillAsync(await launching));
        // The network's failure first: it takes the namespace away, and the launch may have failed for want of it.
        await Translate.RunAsync(() => place.Wired);
        var supervisor = await launching;
        DaemonFailPoint.Reach("start.supervisor-launched");

        // (7)
        undo.Push("connect", container.Disconnect);
        await AttachWaitingAsync(container.Connect(supervisor), supervisor);
        await Task.WhenAll(supervisor.StartAsync(CancellationToken.None), NameSockets.KeepAsync(parts, container.Current, supervisor));
        DaemonFailPoint.Reach("start.program-runs");
        container.BeginRun(parts.Time);
        var running = container.Move(new Running(supervisor.InitPid, parts.Time.GetUtcNow()));
        running = container.Update(c => c with { StoppedByUser = false, EndsUnhealthy = false, IsRestarting = false, ChangingLimits = null, RestartsAt = null, CgroupPath = inputs.CgroupPath });
        // Running can be told from the supervisor after a crash: the disk need not be waited for.
        parts.Save(running, durable: false);
        DaemonFailPoint.Reach("start.record-stored");
        undo.Release();

        // (8)
        parts.PublishVolumes(running, "mount");
        parts.Publish(running, "start");
        SpecSources.TellLinked(parts, running);
        watcher.Watch(container, supervisor);
    }

    private static async Task AttachWaitingAsync(IReadOnlyList<PendingWire> waiting, ISupervisor supervisor)
    {
        try
        {
            foreach (var one in waiting.Where(one => !one.Completion.Task.IsCompleted))
            {
                var wire = await supervisor.AttachAsync(one.Options.Stdin, one.Options.Stdout, one.Options.Stderr, CancellationToken.None);
                if (!one.Completion.TrySetResult(wire))
                    await wire.DisposeAsync();
            }
        }
        finally
        {
            // Those not connected because an earlier one failed.
            foreach (var one in waiting)
                one.Completion.TrySetResult(null);
        }
    }

    // A network namespace of its own, another container's, or the host's.
    private async Task<NetworkPlace> JoinAsync(Container container, Undo undo, CancellationToken ct)
    {
        var current = container.Current;
        if (ContainerNetwork.SharedWith(current.Spec.Network) is { } other)
            return NetworkPlace.Shared(parts.Registry.Get(other).Current);
        undo.Push("connect network", () => parts.Network.DisconnectAsync(current.Id, CancellationToken.None));
        List<NetworkAttachment> attachments = [];
        foreach (var name in current.Endpoints.Select(e => e.NetworkName).DefaultIfEmpty("none"))
        {
            var request = ContainerNetwork.Request(current, name, parts.Options.Dns) with { IsMapped = parts.UsersOf(current.Spec) is not null };
            var attachment = await Translate.RunAsync(() => Task.Run(() => parts.Network.ConnectAsync(request, ct), ct));
            attachments.Add(attachment);
            NetworkOperations.Publish(parts, attachment.NetworkId, "connect", current.Id);
        }

        if (current.Endpoints.Count > 0) // else it was disconnected from all, and waits with a loopback for another
            container.Update(c => c with { Endpoints = [.. attachments.Select(ContainerNetwork.Report)] });
        return NetworkPlace.Of(container.Current, attachments);
    }

    private LaunchOrder Order(ContainerSnapshot container, string state, Oci.Runtime.RuntimeSpec spec, IReadOnlyList<Oci.Runtime.Mount> mounts)
    {
        return new LaunchOrder
        {
            Id = container.Id,
            StateDirectory = state,
            Spec = spec,
            SeccompProfile = SpecSources.Seccomp(container.Spec),
            Runtime = OtherRuntime(container.Spec.Runtime),
            RootfsMounts = mounts,
            LogPath = container.LogPath,
            Log = LogPlan.From(container.Spec.Log),
            LogAttributes = LogDrivers.AttributesOf(container),
            OpenStdin = container.Spec.OpenStdin,
            StdinOnce = container.Spec.StdinOnce,
        };
    }

    private OtherRuntimeChoice? OtherRuntime(string? name)
    {
        if (name is null or EngineOptions.OwnRuntime)
            return null;
        return parts.Options.Runtimes.TryGetValue(name, out var choice) ? choice : throw EngineException.Invalid($"unknown or invalid runtime name: {name}: the daemon had it when the container was created");
    }

    // What a crash left there is no longer true.
    private static void ResetDirectory(string state)
    {
        if (Directory.Exists(state))
            Directory.Delete(state, recursive: true);
        Directory.CreateDirectory(state, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private EngineException Fail(Container container, ContainerSnapshot before, Exception failure)
    {
        var told = failure switch
        {
            StartRefusedException refused => EngineException.Invalid($"cannot start container '{before.Name}': {refused.Message}", failure),
            EngineException engine => engine,
            OperationCanceledException => new EngineException(ErrorKind.Cancelled, $"cannot start container '{before.Name}': the request was cancelled", failure),
            _ => Translate.Known(failure) is { } known ? new EngineException(known.Kind, $"cannot start container '{before.Name}': {known.Message}", failure)
                : new EngineException(ErrorKind.Internal, $"cannot start container '{before.Name}': {failure.Message}", failure),
        };
        var code = failure is StartRefusedException { ExitCode: var refusal } ? refusal : FailureCode;
        ContainerState state = before.State is Exited
            ? new Exited(new ExitStatus { ExitCode = code, FinishedAt = parts.Time.GetUtcNow(), Error = told.Message })
            : new Created(new StartFailure(told.Message, code));
        var now = container.Move(state);
        now = container.Update(c => c with { Endpoints = before.Endpoints, RestartsAt = null, IsRestarting = false });
        container.AbandonPending();
        parts.TrySave(now, "a daemon that is started now does not know why it did not start");
        return told;
    }
}
