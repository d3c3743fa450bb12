using Sampan.Runtime.Observation;

namespace Sampan.Engine.Plugins;

/// <content>Plugins that run.</content>
public sealed partial class PluginOperations
{
    /// <summary>How long a plugin may take until its socket answers, unless somebody says otherwise.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Enables a plugin: (1) start its process (2) wait until its socket answers; the last step that can fail or be cancelled (3) write that it is enabled.
    /// A daemon that dies in between leaves it disabled, with nothing running.
    /// </summary>
    /// <param name="reference">Which.</param>
    /// <param name="timeout">How long it may take; null: 30 seconds.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Conflict"/>: it is enabled. <see cref="ErrorKind.InvalidArgument"/>: a setting is missing. <see cref="ErrorKind.Internal"/>: its program ends, or does not listen.</exception>
    public Task EnableAsync(string reference, TimeSpan? timeout, CancellationToken ct) => WithAsync(reference, ct, async plugin =>
    {
        if (plugin.Current.Enabled)
            throw EngineException.Conflict($"plugin already enabled: plugin {plugin.Current.Name} is enabled");
        await _runner.StartAsync(plugin, timeout ?? s_patience, ct); // 1, 2
        DaemonFailPoint.Reach("plugin-enable.runs");
        try
        {
            Save(plugin, plugin.Current with { Enabled = true }); // 3
        }
        catch
        {
            await _runner.StopAsync(plugin);
            throw;
        }

        DaemonFailPoint.Reach("plugin-enable.record-stored");
        _runner.Keep(plugin);
        Publish("enable", plugin.Id, reference);
    });

    /// <summary>Disables a plugin: its process, its mounts and its cgroup go.</summary>
    /// <param name="reference">Which.</param>
    /// <param name="force">Though volumes are of it.</param>
    /// <param name="ct">Gives up, before anything is done.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Conflict"/>: it is disabled, or in use.</exception>
    public Task DisableAsync(string reference, bool force, CancellationToken ct) => WithAsync(reference, ct, async plugin =>
    {
        if (!plugin.Current.Enabled)
            throw EngineException.Conflict($"plugin is already disabled: plugin {plugin.Current.Name} found but disabled");
        if (!force)
            RequireUnused(plugin.Current);
        await StopAsync(plugin);
        Publish("disable", plugin.Id, reference);
    });

    /// <summary>Finds the plugins that an earlier daemon left running, ends those that it was just starting or stopping, and starts those that should run.</summary>
    internal async Task RecoverAsync(CancellationToken ct)
    {
        List<Plugin> all;
        lock (_gate)
            all = [.. _plugins.Values];
        await _runner.EndOrphansAsync(all.Where(plugin => plugin.Current.Enabled).Select(plugin => plugin.Id).ToHashSet(StringComparer.Ordinal), ct);
        await Task.WhenAll(all.Where(plugin => plugin.Current.Enabled).Select(plugin => _runner.RecoverAsync(plugin, s_patience, ct)));
    }

    // The record first: a daemon that dies in between leaves a disabled plugin, whose process the next one ends.
    private async Task StopAsync(Plugin plugin)
    {
        Save(plugin, plugin.Current with { Enabled = false });
        DaemonFailPoint.Reach("plugin-disable.record-stored");
        await _runner.StopAsync(plugin);
    }
}
