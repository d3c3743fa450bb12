using System.Globalization;
using System.Net;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Events;

namespace Sampan.Server.Gateway;

/// <summary>
/// Follows an engine: which containers there are, by their labels, and which of them are well. While the engine is away, the
/// routes stay as they are.
/// </summary>
internal sealed class GatewayDirectory : IAsyncDisposable
{
    private const string ServiceLabel = "sampan.service";
    private const string ComposeProject = "com.docker.compose.project";
    private const string ComposeService = "com.docker.compose.service";
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly HashSet<string> s_actions = new(StringComparer.Ordinal) { "start", "die", "destroy", "pause", "unpause", "connect", "disconnect", "update", "rename" };

    private readonly DockerEndpoint _engine;
    private readonly GatewayLog _log;
    private readonly TimeProvider _time;
    private readonly TimeSpan _probeInterval;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _loops;

    // Of the following loop alone.
    private readonly Dictionary<(string Container, IPEndPoint Address), Replica> _replicas = [];
    private readonly HashSet<string> _draining = new(StringComparer.Ordinal);
    private HashSet<string> _told = new(StringComparer.Ordinal);
    private volatile GatewayRoutes _routes = GatewayRoutes.Empty;

    internal GatewayDirectory(DockerEndpoint engine, TimeSpan probeInterval, GatewayLog log, TimeProvider time)
    {
        (_engine, _probeInterval, _log, _time) = (engine, probeInterval, log, time);
        _loops = Task.WhenAll(FollowAsync(_closing.Token), ProbeAsync(_closing.Token));
    }

    internal GatewayRoutes Routes => _routes;

    /// <summary>Completes when the engine was asked for the first time.</summary>
    internal Task Known => _first.Task;

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _loops.ConfigureAwait(false);
        foreach (var replica in _replicas.Values)
            replica.Dispose();
        _closing.Dispose();
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        await Task.Yield();
        var away = false;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                using var client = new DockerClient(_engine);
                var events = await client.GetEventsAsync(filters: new Filters().Add("type", "container").Add("type", "network"), cancellationToken: ct).ConfigureAwait(false);
                if (away)
                    _log.EngineBack(_engine.Text);
                away = false;
                _draining.Clear();
                await RefreshAsync(client, ct).ConfigureAwait(false);
                _first.TrySetResult();
                await foreach (var one in events.ConfigureAwait(false))
                {
                    if (Concerns(one))
                        await RefreshAsync(client, ct).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                if (!away)
                    _log.EngineAway(_engine.Text, failure.Message);
            }

            away = true;
            await Task.Delay(s_retry, _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Whether something is to be looked at again. Who is about to stop is left out at once.</summary>
    private bool Concerns(EventMessage message)
    {
        if (message.Type == "network")
            return message.Action is "connect" or "disconnect";
        if (message.Actor is not { Attributes: { } attributes } actor || !attributes.Keys.Any(k => k.StartsWith(GatewayLabels.Prefix, StringComparison.Ordinal)))
            return false;
        if (message.Action == "drain")
        {
            _draining.Add(actor.ID);
            return true;
        }

        if (message.Action is "start" or "die" or "destroy")
            _draining.Remove(actor.ID);
        return s_actions.Contains(message.Action) || message.Action.StartsWith("health_status", StringComparison.Ordinal);
    }

    private async Task RefreshAsync(DockerClient client, CancellationToken ct)
    {
        var containers = await client.ListContainersAsync(cancellationToken: ct).ConfigureAwait(false);
        var problems = new List<string>();
        _routes = Build(containers, problems);
        var told = problems.ToHashSet(StringComparer.Ordinal);
        foreach (var problem in told.Except(_told))
            _log.Problem(problem);
        _told = told;
    }

    private GatewayRoutes Build(IReadOnlyList<ContainerSummary> containers, List<string> problems)
    {
        var places = new List<(string Host, string Path, string Service, GatewayRule Rule, Replica? Replica)>();
        var used = new HashSet<(string, IPEndPoint)>();
        foreach (var container in containers.Where(c => c.State is "running" or "paused").OrderBy(c => c.Created).ThenBy(c => c.Id, StringComparer.Ordinal))
        {
            var name = container.Names is [var first, ..] ? first.TrimStart('/') : container.Id;
            var wrong = new List<string>();
            foreach (var rule in GatewayLabels.Read(container.Labels ?? new Dictionary<string, string>(), wrong))
            {
                Replica? replica = null;
                if (AddressOf(container, rule) is not { } address)
                    wrong.Add(rule.Network is null ? "it has no address that the gateway could reach" : $"it has no address on network '{rule.Network}'");
                else if (IsUp(container))
                    replica = Use(container.Id, address, used);
                places.AddRange(rule.Hosts.Select(h => (h, rule.Path, ServiceOf(container, name), rule, replica)));
            }

            problems.AddRange(wrong.Select(w => $"container {name}: {w}"));
        }

        foreach (var (key, replica) in _replicas.Where(r => !used.Contains(r.Key)).ToList())
        {
            _replicas.Remove(key);
            replica.Retire();
        }

        var routes = new List<GatewayRoute>();
        foreach (var place in places.GroupBy(p => (p.Host, p.Path)))
        {
            var owner = place.First();
            routes.Add(new GatewayRoute(owner.Host, owner.Path, owner.Service, owner.Rule, [.. place.Where(p => p.Service == owner.Service).Select(p => p.Replica).OfType<Replica>().Distinct()]));
            foreach (var other in place.Select(p => p.Service).Where(s => s != owner.Service).Distinct())
                problems.Add($"service {other}: '{owner.Host}{owner.Path}' is taken by service {owner.Service}, which was there first");
        }

        return new GatewayRoutes(routes);
    }

    private Replica Use(string containerId, IPEndPoint address, HashSet<(string, IPEndPoint)> used)
    {
        used.Add((containerId, address));
        if (!_replicas.TryGetValue((containerId, address), out var replica))
            _replicas[(containerId, address)] = replica = new Replica(containerId, address, _time);
        return replica;
    }

    private bool IsUp(ContainerSummary container) =>
        container.State == "running" && !_draining.Contains(container.Id) && container.Health?.Status is not ("starting" or "unhealthy")
        && !container.Status.EndsWith("(unhealthy)", StringComparison.Ordinal) && !container.Status.EndsWith("(health: starting)", StringComparison.Ordinal);

    private static string ServiceOf(ContainerSummary container, string name)
    {
        var labels = container.Labels ?? new Dictionary<string, string>();
        return labels.GetValueOrDefault(ServiceLabel)
            ?? (labels.GetValueOrDefault(ComposeService) is { } service ? $"{labels.GetValueOrDefault(ComposeProject)}/{service}" : name);
    }

    private static IPEndPoint? AddressOf(ContainerSummary container, GatewayRule rule)
    {
        var ports = (container.Ports ?? []).Where(p => p.Type == "tcp").Select(p => p.PrivatePort).Distinct().ToList();
        var port = rule.Port ?? (ports is [var only] ? only : 80);
        var networks = (container.NetworkSettings?.Networks ?? new Dictionary<string, DockerApi.Networks.EndpointSettings?>())
            .Where(n => rule.Network is null || n.Key == rule.Network || n.Key.EndsWith("_" + rule.Network, StringComparison.Ordinal)).OrderBy(n => n.Key, StringComparer.Ordinal).ToList();
        if (networks.Exists(n => n.Key == "host"))
            return new IPEndPoint(IPAddress.Loopback, port);
        foreach (var endpoint in networks.Select(n => n.Value))
        {
            if (IPAddress.TryParse(endpoint?.IPAddress is { Length: > 0 } four ? four : endpoint?.GlobalIPv6Address, out var address))
                return new IPEndPoint(address, port);
        }

        return null;
    }

    private async Task ProbeAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(_probeInterval, _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var asked = _routes.All.Where(r => r.Rule.Health is not null).SelectMany(r => r.Replicas.Select(p => (Replica: p, r.Rule.Health))).Distinct().ToList();
            await Task.WhenAll(asked.Select(a => ProbeAsync(a.Replica, a.Health ?? "/", ct))).ConfigureAwait(false);
        }
    }

    private async Task ProbeAsync(Replica replica, string path, CancellationToken ct)
    {
        bool well;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(_probeInterval);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"http://{replica.Address}{path}"));
            using var response = await replica.SendAsync(request, patience.Token).ConfigureAwait(false);
            well = (int)response.StatusCode is >= 200 and < 400;
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            well = false;
        }

        if (!ct.IsCancellationRequested && replica.Probed(well))
            _log.Probed(replica.ContainerId[..Math.Min(12, replica.ContainerId.Length)], replica.Address.ToString(), well ? "answers its probe" : "does not answer its probe");
    }
}
