using Sampan.Cli.Commands;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Running;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Compose;

/// <summary>Follows the files of services that say so: copies them, restarts, runs a command, or builds anew. What fails is told, and the watch goes on.</summary>
internal sealed class Watch : IDisposable
{
    private readonly Invocation _call;
    private readonly ProjectRunner _runner;
    private readonly List<(Service Service, WatchTrigger Trigger, WatchRules Rules)> _triggers = [];
    private readonly FileChanges _changes;

    /// <param name="call">The call.</param>
    /// <param name="project">The project.</param>
    /// <param name="runner">Its runner.</param>
    /// <param name="services">The services that are followed; empty: all that say how.</param>
    public Watch(Invocation call, Project project, ProjectRunner runner, IReadOnlyList<string> services)
    {
        (_call, _runner) = (call, runner);
        foreach (var service in project.Select(services, false))
        {
            foreach (var trigger in service.Watches)
            {
                if (trigger.Rebuilds && !service.IsBuilt) throw new CommandException($"cannot watch the service '{service.Name}': the action 'rebuild' needs a build");
                if (!Path.Exists(trigger.Path)) throw new CommandException($"cannot watch the service '{service.Name}': there is no '{trigger.Path}'");
                _triggers.Add((service, trigger, new WatchRules(service, trigger)));
            }
        }
        if (_triggers.Count == 0) throw new CommandException(services.Count == 0 ? "none of the services says what to watch: expected 'develop.watch'" : $"the services {string.Join(", ", services)} do not say what to watch: expected 'develop.watch'");
        _changes = new FileChanges(_triggers.Select(t => t.Trigger.Path), call.Time);
    }

    /// <summary>Is told the containers that took the place of others.</summary>
    public Action<IReadOnlyList<ProjectContainer>>? Replaced { get; init; }

    /// <summary>Whether images that a new build made superfluous are removed.</summary>
    public bool Prunes { get; init; }

    /// <summary>The services that are followed.</summary>
    public IReadOnlyList<string> Services => [.. _triggers.Select(t => t.Service.Name).Distinct(StringComparer.Ordinal)];

    /// <summary>Follows until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var first = _triggers.Where(t => t.Trigger.InitialSync && t.Trigger.Syncs).ToList();
        foreach (var (service, trigger, _) in first) await TryAsync(service, () => ActAsync(service, [trigger], [.. FileChanges.Below(trigger.Path)], cancellationToken)).ConfigureAwait(false);
        _call.Error.WriteLine("Watch enabled");
        while (true)
        {
            var changed = await _changes.NextAsync(cancellationToken).ConfigureAwait(false);
            foreach (var group in _triggers.Where(t => changed.Any(c => t.Rules.Match(c) is not null)).GroupBy(t => t.Service))
                await TryAsync(group.Key, () => ActAsync(group.Key, [.. group.Select(t => t.Trigger)], changed, cancellationToken)).ConfigureAwait(false);
        }
    }

    public void Dispose() => _changes.Dispose();

    private async Task TryAsync(Service service, Func<Task> act)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (Exception e) when (e is ComposeException or CommandException or IOException or DockerApiException { StatusCode: not null })
        {
            _call.Error.WriteLine($"Watch of {service.Name}: {e.Message}");
        }
    }

    /// <summary>(1) A new image stands for all else. Otherwise (2) files (3) a restart (4) commands.</summary>
    private async Task ActAsync(Service service, IReadOnlyList<WatchTrigger> triggers, IReadOnlyList<string> changed, CancellationToken cancellationToken)
    {
        if (triggers.Any(t => t.Rebuilds))
        {
            await RebuildAsync(service, cancellationToken).ConfigureAwait(false);
            return;
        }
        var files = new List<(string Here, string There)>();
        foreach (var (_, trigger, rules) in _triggers.Where(t => t.Trigger.Syncs && triggers.Contains(t.Trigger)))
            files.AddRange(changed.Select(c => (Here: c, Name: rules.Match(c))).Where(c => c.Name is not null).Select(c => (c.Here, rules.Target(c.Name ?? ""))));
        if (files.Count > 0)
        {
            await _runner.SyncAsync(service, files, cancellationToken).ConfigureAwait(false);
            _call.Error.WriteLine($"Synced {files.Count} path{(files.Count == 1 ? "" : "s")} into {service.Name}");
        }
        if (triggers.Any(t => t.Restarts)) await _runner.RestartAsync([service.Name], null, withDependents: false, cancellationToken).ConfigureAwait(false);
        foreach (var trigger in triggers.Where(t => t.Executes))
        {
            await _runner.ExecuteAsync(service, trigger, cancellationToken).ConfigureAwait(false);
            _call.Error.WriteLine($"Ran the command of the watch in {service.Name}");
        }
    }

    private async Task RebuildAsync(Service service, CancellationToken cancellationToken)
    {
        _call.Error.WriteLine($"Rebuilding {service.Name}");
        var before = await _runner.SelectAsync([service.Name], all: true, cancellationToken).ConfigureAwait(false);
        var after = await _runner.UpAsync(new UpOptions { Services = [service.Name], WithDependencies = false, Build = BuildMode.Always }, cancellationToken).ConfigureAwait(false);
        _call.Error.WriteLine($"Rebuilt {service.Name}");
        Replaced?.Invoke([.. after.Where(a => before.All(b => b.Id != a.Id))]);
        if (!Prunes) return;
        foreach (string image in before.Select(b => b.Summary.ImageID).Distinct(StringComparer.Ordinal).Where(i => after.All(a => a.Summary.ImageID != i)))
        {
            try
            {
                await _call.Client.RemoveImageAsync(image, cancellationToken: cancellationToken).ConfigureAwait(false);
            }
            catch (DockerApiException e) when (e.StatusCode is 404 or 409)
            {
                // Somebody else uses it, or it has another name.
            }
        }
    }
}
