using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sampan.Build;
using Sampan.Engine;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Server;
using Sampan.Server.Docker;
using Sampand.Configuration;
using Sampand.Gateway;
using Sampand.Host;
using Sampand.Logging;
using Sampand.Registry;

namespace Sampand;

/// <summary>The daemon from its start to its end: the composition root, to be read as the dependency graph.</summary>
internal static class Daemon
{
    /// <summary>
    /// Runs until a signal asks it to stop: (1) the log (2) the roots, locked (3) the engine and the builder on it (4) the listeners
    /// (5) the API, a registry and a gateway if they are configured (6) ready (7) wait (8) stop taking requests, let the open ones end, let go of the engine.
    /// </summary>
    /// <param name="options">The settings.</param>
    /// <param name="reread">Reads the settings again, for SIGHUP.</param>
    /// <returns>The exit code.</returns>
    internal static async Task<int> RunAsync(DaemonOptions options, Func<DaemonOptions> reread)
    {
        PoolThreads.Keep();
        var time = TimeProvider.System;
        using var stopping = new CancellationTokenSource();
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // (1) the log
        using var logs = new StderrLog(time, options.LogLevel);
        var log = logs.CreateLogger("daemon");
        TaskScheduler.UnobservedTaskException += (_, e) =>
        {
            e.SetObserved();
            DaemonLog.Unobserved(log, e.Exception, e.Exception.InnerException?.Message ?? e.Exception.Message);
        };

        FailPoint.Arm();

        // (2) the roots; from here on a signal stops in order
        using var dataLock = await RootLock.TakeAsync(options.DataRoot, time);
        using var execLock = options.ExecRoot == options.DataRoot ? null : await RootLock.TakeAsync(options.ExecRoot, time);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

        // (3) the engine and the builder
        var labels = options.Labels;
        var engineLog = logs.CreateLogger("engine");
        await using var engine = await ContainerEngine.OpenAsync(EngineOptionsOf(options), time, notice => Tell(engineLog, notice), CancellationToken.None);
        engine.Plugins.UsedByDaemon = options.AuthorizationPlugins.Distinct(StringComparer.Ordinal).ToDictionary(name => name, _ => "the daemon asks it to authorize requests (--authorization-plugin)", StringComparer.Ordinal);
        await using var builder = await Builder.OpenAsync(engine, options.CachePolicies, wrong => DaemonLog.CacheNotCut(log, wrong.Message), CancellationToken.None);
        var daemon = new DockerDaemon
        {
            Engine = engine,
            Builder = builder,
            Time = time,
            Logs = logs,
            Debug = () => logs.Level <= LogLevel.Debug,
            LogDriver = options.LogDriver,
            Labels = () => labels,
            DefaultUlimits = options.Ulimits,
            AddressPools = options.AddressPools,
            InsecureRegistries = options.Registries.Insecure,
            RegistryMirrors = [.. options.Registries.Mirrors.Where(mirror => mirror.Source == options.Registries.Default.Domain).Select(mirror => $"{mirror.Location}{mirror.Path}")],
            AuthorizationPlugins = options.AuthorizationPlugins,
            OpenAddresses = [.. options.OpenAddresses],
            IsExperimental = options.Experimental,
            Stopping = stopping.Token,
        };

        // (4) the listeners
        var listeners = Listeners.Bind(options, log);
        try
        {
            // (5) the API and the registry
            await using var server = await ApiServer.StartAsync(daemon, listeners, time, logs, CancellationToken.None);
            await using var registry = options.Registry is { } own ? await StartRegistryAsync(own, time, logs) : null;
            await using var gateway = GatewayKeeper.Start(options.ExecRoot, options.Gateway, () => engine.IsIdle, time, logs.CreateLogger("gateway"));
            await using var memory = new IdleMemory(() => server.Activity + (registry?.Activity ?? 0), time);
            using var collect = registry is null ? null : RegistryCommand.CollectAtSignal(registry);
            using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Reload);
            if (options.PidFile is { } pidFile)
                AtomicFile.Write(pidFile, System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"), PidFileMode);

            // (6) ready
            DaemonLog.Ready(log, EngineVersion.Own, string.Join(", ", options.Hosts));
            ServiceManager.Notify("READY=1", log);

            // (7) wait
            await stop.Task;

            // (8) stop
            DaemonLog.Stopping(log);
            ServiceManager.Notify("STOPPING=1", log);
            await stopping.CancelAsync();
            using var patience = new CancellationTokenSource(options.ShutdownTimeout, time);
            await server.StopAsync(patience.Token);
        }
        finally
        {
            Listeners.Remove(listeners);
            if (options.PidFile is { } pidFile)
                File.Delete(pidFile);
        }

        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.TrySetResult();
        }

        void Reload(PosixSignalContext signal)
        {
            signal.Cancel = true;
            try
            {
                var again = reread();
                logs.Level = again.LogLevel;
                labels = again.Labels;
                DaemonLog.Reloaded(log, again.LogLevel, string.Join(", ", again.Labels));
                var summary = engine.Summary();
                engine.Events.Reloaded(summary.Id, new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["name"] = summary.Hostname,
                    ["debug"] = again.LogLevel <= LogLevel.Debug ? "true" : "false",
                    ["labels"] = $"[{string.Join(',', again.Labels.Select(label => $"\"{JsonEncodedText.Encode(label)}\""))}]",
                });
            }
            catch (ConfigurationException wrong)
            {
                DaemonLog.NotReloaded(log, wrong.Message);
            }
        }
    }

    private static async Task<RegistryHost> StartRegistryAsync(RegistryConfiguration settings, TimeProvider time, StderrLog logs)
    {
        settings = settings with { Root = settings.Root ?? RegistryCommand.DefaultRoot };
        var registry = await RegistryHost.StartAsync(settings, time, logs);
        RegistryHost.TellReady(settings, registry, logs);
        return registry;
    }

    private const UnixFileMode PidFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static EngineOptions EngineOptionsOf(DaemonOptions options) => new()
    {
        DataRoot = options.DataRoot,
        ExecRoot = options.ExecRoot,
        Bridge = options.Bridge,
        BridgeAddress = options.BridgeAddress,
        RuntimePath = options.RuntimePath,
        Version = EngineVersion.Own,
        AddressPools = options.AddressPools,
        CpuRealtimeRuntime = options.CpuRealtimeRuntime,
        CpuRealtimePeriod = options.CpuRealtimePeriod,
        Mtu = options.Mtu,
        IPv6 = options.IPv6,
        BridgeSubnet6 = options.BridgeSubnet6,
        NetworkPoolSize = options.NetworkPoolSize,
        InterContainer = options.InterContainer,
        NoNewPrivileges = options.NoNewPrivileges,
        HostPolicy = options.HostPolicy,
        NetworkShortcut = options.NetworkShortcut,
        DefaultBindAddress = options.BindAddress,
        Dns = options.Dns,
        DefaultLogDriver = options.LogDriver,
        DefaultLogOptions = options.LogOptions,
        Registries = options.Registries,
        RestartOnUnhealthy = options.RestartOnUnhealthy,
        Runtimes = options.Runtimes,
        DefaultRuntime = options.DefaultRuntime,
        CdiDirectories = options.CdiDirectories,
        CgroupParent = options.CgroupParent,
        SystemdCgroups = options.SystemdCgroups,
        Remap = options.Remap,
    };

    private static void Tell(ILogger log, EngineNotice notice)
    {
        switch (notice.Level)
        {
            case NoticeLevel.Debug:
                DaemonLog.EngineDebug(log, notice.Message, notice.Cause);
                break;
            case NoticeLevel.Information:
                DaemonLog.EngineInformation(log, notice.Message, notice.Cause);
                break;
            case NoticeLevel.Warning:
                DaemonLog.EngineWarning(log, notice.Message, notice.Cause);
                break;
            default:
                DaemonLog.EngineError(log, notice.Message, notice.Cause);
                break;
        }
    }
}
