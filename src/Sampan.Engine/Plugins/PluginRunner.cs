using Sampan.Engine.Containers.States;
using Sampan.Engine.Logs;
using Sampan.Engine.Specs;
using Sampan.Engine.Supervision;
using Sampan.Oci.Runtime;
using Sampan.Runtime;
using Sampan.Runtime.Observation;
using Sampan.Storage.Plugins;
using Sampan.Storage.Volumes;

namespace Sampan.Engine.Plugins;

/// <summary>
/// Runs plugins: each has a supervisor as containers have, and like theirs it outlives the daemon. One that ends by itself is started again, ever later.
/// <code>
/// EXEC-ROOT/plugins/ID           what the plugin has as /run/docker/plugins: its socket
/// EXEC-ROOT/managed-plugins/ID   the supervisor's
/// </code>
/// </summary>
internal sealed class PluginRunner(EngineParts parts) : IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int Terminate = 15;

    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_good = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _closing = new();
    private readonly OwnedTasks _loops = new();

    private string States => Path.Combine(parts.Options.ExecRoot, "managed-plugins");

    private string Sockets => Path.Combine(parts.Options.ExecRoot, "plugins");

    /// <summary>Lets those know it who speak with plugins.</summary>
    /// <param name="plugin">What changed.</param>
    /// <param name="trouble">Why it does not run though it is enabled; null: it does.</param>
    public void Tell(Plugin plugin, string? trouble) => parts.Volumes.Managed.Set(Of(plugin, trouble));

    /// <summary>
    /// Starts a plugin's process: (1) what it was not given (2) directories, the mount that others see (3) the spec (4) the supervisor, the program
    /// (5) wait for its socket. What fails leaves nothing.
    /// </summary>
    public async Task StartAsync(Plugin plugin, TimeSpan patience, CancellationToken ct)
    {
        var managed = Of(plugin, null);
        Require(plugin.Current); // 1
        await using var undo = parts.NewUndo("start plugin");
        undo.Push("clean up", () => Clean(plugin));
        Clean(plugin);
        plugin.LogFrom = new FileInfo(LogOf(plugin.Id)) is { Exists: true } log ? log.Length : 0;
        try
        {
            Translate.Run(() => // 2
            {
                Directory.CreateDirectory(managed.SocketDirectory, OwnerOnly);
                Directory.CreateDirectory(StateOf(plugin.Id), OwnerOnly);
                GiveTo(managed.SocketDirectory, plugin.Current);
                if (plugin.Current.Config.PropagatedMount.Length > 0)
                    PropagatedMount.Prepare(managed.PropagatedMount);
            });
            var container = PluginSpec.AsContainer(managed, parts.Time.GetUtcNow());
            var capabilities = CapabilityGrant.Decide(container.Spec.Security, parts.KnownCapabilities, parts.GrantableCapabilities);
            if (capabilities.Missing.Count > 0)
                Warn(plugin, $"runs without {string.Join(", ", capabilities.Missing)}, which this machine cannot grant");
            var spec = PluginSpec.Build(managed, container, parts.CgroupPath(container), capabilities, Devices(plugin.Current), File.Exists); // 3
            var supervisor = await parts.Supervisors.LaunchAsync(Order(plugin, managed, spec), ct); // 4
            undo.Push("end the process", () => EndAsync(supervisor, TimeSpan.Zero));
            await supervisor.StartAsync(ct);
            await ListensAsync(plugin, managed, supervisor, patience, ct); // 5
            plugin.Supervisor = supervisor;
            undo.Release();
        }
        catch (Exception failure) when (failure is StartRefusedException || Translate.Known(failure) is not null)
        {
            throw new EngineException(failure is StartRefusedException ? ErrorKind.InvalidArgument : ErrorKind.Internal, $"cannot start plugin {plugin.Current.Name}: {failure.Message}", failure);
        }
    }

    /// <summary>Ends a plugin's process; its mounts, cgroup and directories go. Nothing happens if it does not run.</summary>
    public async Task StopAsync(Plugin plugin)
    {
        var supervisor = plugin.Supervisor;
        // Whoever watches it knows by this that the end is meant.
        plugin.Supervisor = null;
        if (supervisor is not null)
            await EndAsync(supervisor, s_grace);
        Clean(plugin);
    }

    /// <summary>Watches an enabled plugin until it is disabled.</summary>
    public void Keep(Plugin plugin) => _loops.Own(KeepAsync(plugin));

    /// <summary>Takes over one that runs, or starts it; one that cannot be started now is tried again later.</summary>
    public async Task RecoverAsync(Plugin plugin, TimeSpan patience, CancellationToken ct)
    {
        await plugin.Gate.WaitAsync(ct);
        try
        {
            plugin.Supervisor = await ConnectAsync(plugin.Id, ct);
            if (plugin.Supervisor is null)
                await TryStartAsync(plugin, patience, ct);
        }
        finally
        {
            plugin.Gate.Release();
        }

        Keep(plugin);
    }

    /// <summary>Ends what runs for plugins that are not enabled, or not there any more.</summary>
    public async Task EndOrphansAsync(IReadOnlySet<string> enabled, CancellationToken ct)
    {
        Directory.CreateDirectory(Sockets, OwnerOnly);
        Directory.CreateDirectory(States, OwnerOnly);
        foreach (var id in Names(States).Where(id => !enabled.Contains(id)))
        {
            if (await parts.Supervisors.ConnectAsync(StateOf(id), ct) is { } supervisor)
                await EndAsync(supervisor, TimeSpan.Zero);
            Directory.Delete(StateOf(id), recursive: true);
        }

        // Others have sockets there that are nobody's business here.
        foreach (var id in Names(Sockets).Where(id => id.Length == 64 && id.All(char.IsAsciiHexDigitLower) && !enabled.Contains(id)))
            Directory.Delete(Path.Combine(Sockets, id), recursive: true);
        foreach (var plugin in parts.Images.Plugins().Where(plugin => !enabled.Contains(plugin.Id)))
            Translate.Run(() => PropagatedMount.RemoveBelow(parts.Images.PluginDirectory(plugin.Id)));
    }

    /// <summary>Nothing may be mounted any more where files are about to be removed.</summary>
    public void RequireUnmounted(Plugin plugin) => Translate.Run(() => PropagatedMount.RemoveBelow(parts.Images.PluginDirectory(plugin.Id)));

    /// <summary>Ends the watching.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _loops.WhenAll();
        _closing.Dispose();
    }

    private async Task KeepAsync(Plugin plugin)
    {
        var delay = s_firstDelay;
        try
        {
            while (true)
            {
                if (plugin.Supervisor is { } supervisor)
                {
                    var since = parts.Time.GetTimestamp();
                    var status = await supervisor.Exited.WaitAsync(_closing.Token);
                    if (!await EndedAsync(plugin, supervisor, status))
                        return;
                    if (parts.Time.GetElapsedTime(since) >= s_good)
                        delay = s_firstDelay;
                }

                await Task.Delay(delay, parts.Time, _closing.Token);
                delay = delay * 2 < s_longestDelay ? delay * 2 : s_longestDelay;
                await plugin.Gate.WaitAsync(_closing.Token);
                try
                {
                    // Somebody disabled it meanwhile, and perhaps enabled it again: then another loop watches.
                    if (!plugin.Current.Enabled || plugin.IsRemoved || plugin.Supervisor is not null)
                        return;
                    await TryStartAsync(plugin, TimeSpan.FromSeconds(30), _closing.Token);
                }
                finally
                {
                    plugin.Gate.Release();
                }
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The daemon goes, the plugin stays: the next daemon finds it by its socket.
            if (plugin.Supervisor is { } line)
                await line.DisposeAsync();
        }
        catch (Exception failure)
        {
            parts.Notices(new EngineNotice(NoticeLevel.Error, $"cannot watch plugin {plugin.Current.Name}: {failure.Message}", failure));
        }
    }

    // False: its end was meant.
    private async Task<bool> EndedAsync(Plugin plugin, ISupervisor supervisor, ExitStatus status)
    {
        await plugin.Gate.WaitAsync(CancellationToken.None);
        try
        {
            if (!ReferenceEquals(plugin.Supervisor, supervisor))
                return false;
            plugin.Supervisor = null;
            await supervisor.DisposeAsync();
            try
            {
                Clean(plugin);
            }
            catch (Exception failure) when (IsForLater(failure))
            {
                Warn(plugin, failure.Message);
            }

            var trouble = $"{Ending(plugin, status)}; it is started again";
            Tell(plugin, trouble);
            Warn(plugin, trouble);
            return true;
        }
        finally
        {
            plugin.Gate.Release();
        }
    }

    private async Task TryStartAsync(Plugin plugin, TimeSpan patience, CancellationToken ct)
    {
        try
        {
            await StartAsync(plugin, patience, ct);
            Tell(plugin, null);
        }
        catch (Exception failure) when (IsForLater(failure))
        {
            Tell(plugin, failure.Message);
            Warn(plugin, failure.Message);
        }
    }

    // A memory file system that is full may have room at the next try: neither the watching nor the daemon's start ends for it.
    private static bool IsForLater(Exception failure) => failure is EngineException or IOException or UnauthorizedAccessException;

    private async Task ListensAsync(Plugin plugin, ManagedPlugin managed, ISupervisor supervisor, TimeSpan patience, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        string? last = null;
        while (true)
        {
            if (supervisor.Exited.IsCompleted)
                throw new EngineException(ErrorKind.Internal, $"cannot start plugin {plugin.Current.Name}: {Ending(plugin, await supervisor.Exited)} before it listened on '{managed.Record.Config.Interface.Socket}'");
            try
            {
                await using var line = await managed.ConnectAsync(limit.Token);
                return;
            }
            catch (IOException notYet)
            {
                last = notYet.Message;
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                // Told below.
            }

            if (limit.IsCancellationRequested && !ct.IsCancellationRequested)
                throw new EngineException(ErrorKind.Internal, $"cannot start plugin {plugin.Current.Name}: within {patience.TotalSeconds:0.#} s nobody listened on its socket '{managed.Record.Config.Interface.Socket}' ({last}){Said(plugin)}: look at its program, or allow it more time with --timeout");
            await Task.WhenAny(supervisor.Exited, Task.Delay(s_look, limit.Token));
            ct.ThrowIfCancellationRequested();
        }
    }

    private string Ending(Plugin plugin, ExitStatus status) =>
        (status.Signal is { } signal ? $"its program was ended by signal {signal}" : $"its program ended with code {status.ExitCode}") + Said(plugin);

    private string Said(Plugin plugin) => PluginLog.LastLine(LogOf(plugin.Id), plugin.LogFrom) is { } line ? $", its last words were '{line}'" : "";

    private async Task<ISupervisor?> ConnectAsync(string id, CancellationToken ct)
    {
        var state = StateOf(id);
        if (!Directory.Exists(state) || await parts.Supervisors.ConnectAsync(state, ct) is not { } supervisor)
            return null;
        if (supervisor.Started)
            return supervisor;
        await EndAsync(supervisor, TimeSpan.Zero);
        return null;
    }

    private async Task EndAsync(ISupervisor supervisor, TimeSpan grace)
    {
        try
        {
            // Not to be given up half-way: its files are taken from below it next.
            if (grace > TimeSpan.Zero && !supervisor.Exited.IsCompleted)
            {
                await supervisor.SignalAsync(Terminate, all: false, CancellationToken.None);
                await supervisor.Exited.WaitAsync(grace, parts.Time, CancellationToken.None);
            }
        }
        catch (TimeoutException)
        {
            // It was asked.
        }
        catch (RuntimeException ended) when (Supervision.Ending.IsEnd(supervisor, ended))
        {
            // By itself, just before.
        }
        finally
        {
            await Supervision.Ending.KillAsync(supervisor);
        }
    }

    private void Clean(Plugin plugin)
    {
        Translate.Run(() => PropagatedMount.RemoveBelow(parts.Images.PluginDirectory(plugin.Id)));
        foreach (var directory in new[] { StateOf(plugin.Id), Path.Combine(Sockets, plugin.Id) })
        {
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
        }
    }

    private static void GiveTo(string directory, PluginRecord plugin)
    {
        if (plugin.Config.User is { Uid: 0, Gid: 0 })
            return;
        VolumeStore.SetOwner(directory, plugin.Config.User.Uid, plugin.Config.User.Gid);
    }

    private LaunchOrder Order(Plugin plugin, ManagedPlugin managed, RuntimeSpec spec) => new()
    {
        Id = plugin.Id,
        StateDirectory = StateOf(plugin.Id),
        Spec = spec,
        SeccompProfile = "default",
        RootfsMounts = [new Mount { Destination = "/", Type = "bind", Source = Path.Combine(managed.Directory, plugin.Current.Files), Options = ["rbind", "rw"] }],
        LogPath = LogOf(plugin.Id),
        Log = new LogPlan(1L << 20, 2, Compress: false),
    };

    private static void Require(PluginRecord plugin)
    {
        foreach (var mount in plugin.Settings.Mounts)
        {
            if (string.IsNullOrEmpty(mount.Source))
                throw EngineException.Invalid($"mount source is not specified: set it with 'plugin set {plugin.Name} {mount.Name}.source=PATH'");
            if (mount.Type is "bind" or "" && !Path.Exists(mount.Source))
                throw EngineException.Invalid($"cannot start plugin {plugin.Name}: mount '{mount.Name}': '{mount.Source}' is not on this host: make it, or set another with 'plugin set {plugin.Name} {mount.Name}.source=PATH'");
        }

        foreach (var device in plugin.Settings.Devices.Where(device => string.IsNullOrEmpty(device.Path)))
            throw EngineException.Invalid($"device path is not specified: set it with 'plugin set {plugin.Name} {device.Name}.path=PATH'");
    }

    private static List<Device> Devices(PluginRecord plugin)
    {
        try
        {
            return [.. plugin.Settings.Devices.SelectMany(device => HostDevices.Find(device.Path ?? ""))];
        }
        catch (RuntimeException missing)
        {
            throw EngineException.Invalid($"cannot start plugin {plugin.Name}: {missing.Message}", missing);
        }
    }

    private ManagedPlugin Of(Plugin plugin, string? trouble) => new(plugin.Current, parts.Images.PluginDirectory(plugin.Id), Path.Combine(Sockets, plugin.Id), trouble);

    private string StateOf(string id) => Path.Combine(States, id);

    private string LogOf(string id) => Path.Combine(parts.Images.PluginDirectory(id), "plugin.log");

    private static IReadOnlyList<string> Names(string directory) =>
        [.. Directory.EnumerateDirectories(directory).Select(path => Path.GetFileName(path))];

    private void Warn(Plugin plugin, string what) => parts.Notices(new EngineNotice(NoticeLevel.Warning, $"plugin {plugin.Current.Name}: {what}"));
}
