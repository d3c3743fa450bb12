using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sampan.Engine.Networks;
using Sampan.Network;

namespace Sampan.Engine.Tests.Doubles;

/// <summary>The in-memory kind of networks.</summary>
internal sealed class MemoryNetworks : INetworks
{
    private int _next = 1;

    public ConcurrentDictionary<string, EndpointRequest> Connected { get; } = new();

    public IReadOnlyCollection<string>? Adopted { get; private set; }

    public bool Released { get; private set; }

    public Exception? ConnectFailure { get; set; }

    public Exception? WiringFailure { get; set; }

    /// <summary>Who is where; a test adds or takes away what a dead daemon left.</summary>
    public ConcurrentDictionary<(string Container, string Network), NetworkMember> Members { get; } = new();

    public IReadOnlyList<NetworkRecord> Networks => [.. _networks.Select(n => n with { Services = [.. n.Name == "bridge" ? Services.Select(s => new ServiceRecord { Name = s }) : []], Members = [.. Members.Where(m => m.Key.Network == n.Id).Select(m => m.Value)] })];

    public PoolState Pool => new();

    private IReadOnlyList<NetworkRecord> _networks =
    [
        new() { Id = new string('b', 64), Name = "bridge", Driver = "bridge", Created = DateTimeOffset.UnixEpoch, IsPredefined = true, Subnets = [new() { Subnet = "172.17.0.0/16", Gateway = IPAddress.Parse("172.17.0.1") }] },
        new() { Id = new string('c', 64), Name = "host", Driver = "host", Created = DateTimeOffset.UnixEpoch, IsPredefined = true },
        new() { Id = new string('d', 64), Name = "none", Driver = "null", Created = DateTimeOffset.UnixEpoch, IsPredefined = true },
    ];

    public Task<NetworkAttachment> ConnectAsync(EndpointRequest request, CancellationToken ct)
    {
        if (ConnectFailure is { } failure)
            throw failure;
        Connected[request.ContainerId] = request;
        var onBridge = request.NetworkName is not ("host" or "none");
        var attachment = new NetworkAttachment
        {
            NetnsPath = request.NetworkName == "host" ? null : $"/run/netns/{request.ContainerId}",
            EndpointId = new string('e', 64),
            NetworkId = (Networks.SingleOrDefault(n => n.Name == request.NetworkName) ?? throw new NetworkException(NetworkError.NotFound, $"network {request.NetworkName} not found")).Id,
            NetworkName = request.NetworkName,
            Address = onBridge ? IPAddress.Parse($"172.17.0.{Interlocked.Increment(ref _next)}") : null,
            PrefixLength = onBridge ? 16 : 0,
            Gateway = onBridge ? IPAddress.Parse("172.17.0.1") : null,
            MacAddress = onBridge ? "02:42:ac:11:00:02" : null,
            Ports = [.. request.Ports.Select(p => new PortMapping { Protocol = p.Protocol, ContainerPort = p.ContainerPort, HostAddress = p.HostAddress ?? IPAddress.Any, HostPort = p.HostPort == 0 ? (ushort)49153 : p.HostPort })],
            Wired = WiringFailure is { } broken ? Task.FromException(broken) : Task.CompletedTask,
        };
        if (request.NetworkName != "host")
        {
            Members[(request.ContainerId, attachment.NetworkId)] = new NetworkMember
            {
                ContainerId = request.ContainerId,
                ContainerName = request.ContainerName ?? "",
                EndpointId = attachment.EndpointId,
                Address = attachment.Address,
                PrefixLength = attachment.PrefixLength,
                MacAddress = attachment.MacAddress,
                Ports = Members.Keys.Any(m => m.Container == request.ContainerId) ? [] : attachment.Ports,
            };
        }

        return Task.FromResult(attachment);
    }

    public Task<NetworkRecord> CreateAsync(NetworkRequest request, CancellationToken ct)
    {
        var made = new NetworkRecord { Id = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)), Name = request.Name, Driver = "bridge", Created = DateTimeOffset.UnixEpoch, Labels = request.Labels };
        _networks = [.. _networks, made];
        return Task.FromResult(made);
    }

    public Task RemoveAsync(string networkId, CancellationToken ct)
    {
        _networks = [.. _networks.Where(n => n.Id != networkId)];
        return Task.CompletedTask;
    }

    public List<string> Left { get; } = [];

    public Task DisconnectAsync(string containerId, string networkId, CancellationToken ct)
    {
        Left.Add($"{containerId} {networkId}");
        Members.TryRemove((containerId, networkId), out _);
        return Task.CompletedTask;
    }

    public List<string> PortChanges { get; } = [];

    public Task<IReadOnlyList<PortMapping>> ChangePortsAsync(string containerId, IReadOnlyList<PortRequest> add, IReadOnlyList<HostPort> remove, CancellationToken ct)
    {
        PortChanges.Add($"{containerId} {string.Join(' ', add.Select(p => $"+{p.HostPort}:{p.ContainerPort}").Concat(remove.Select(p => $"-{p.Number}")))}");
        List<PortMapping> added = [.. add.Select(p => new PortMapping { Protocol = p.Protocol, ContainerPort = p.ContainerPort, HostAddress = p.HostAddress ?? IPAddress.Any, HostPort = p.HostPort })];
        foreach (var place in Members.Where(m => m.Key.Container == containerId))
            Members[place.Key] = place.Value with { Ports = [.. place.Value.Ports.Where(p => !remove.Any(r => r.Number == p.HostPort)), .. added] };
        return Task.FromResult<IReadOnlyList<PortMapping>>(added);
    }

    /// <summary>Those who are given connections.</summary>
    public ConcurrentDictionary<string, bool> Ready { get; } = new();

    /// <summary>The open connections of a container; a test closes them.</summary>
    public ConcurrentDictionary<string, int> Open { get; } = new();

    /// <summary>Services on the bridge that a dead daemon left.</summary>
    public List<string> Services { get; } = [];

    public ConcurrentQueue<string> Forgotten { get; } = new();

    public Task SetReadyAsync(string containerId, Func<bool> isReady)
    {
        lock (Ready)
            Ready[containerId] = isReady();
        return Task.CompletedTask;
    }

    public Task<int> CountConnectionsAsync(string containerId) => Task.FromResult(Open.GetValueOrDefault(containerId));

    public Task ForgetServiceAsync(string name)
    {
        Forgotten.Enqueue(name);
        return Task.CompletedTask;
    }

    public Dictionary<string, string> Renamed { get; } = [];

    public Task RenameAsync(string containerId, string name, CancellationToken ct)
    {
        Renamed[containerId] = name;
        return Task.CompletedTask;
    }

    public Task DisconnectAsync(string containerId, CancellationToken ct)
    {
        Connected.TryRemove(containerId, out _);
        foreach (var place in Members.Keys.Where(m => m.Container == containerId))
            Members.TryRemove(place, out _);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<SafeHandle>> CopyNameSocketsAsync(string containerId) => Task.FromResult<IReadOnlyList<SafeHandle>>([]);

    public Task AdoptAsync(IReadOnlyCollection<string> liveContainerIds, IReadOnlyDictionary<string, IReadOnlyList<SafeFileHandle>> kept, CancellationToken ct)
    {
        Adopted = liveContainerIds;
        foreach (var id in Connected.Keys.Except(liveContainerIds))
            Connected.TryRemove(id, out _);
        return Task.CompletedTask;
    }

    public Task ReleaseAllAsync(CancellationToken ct)
    {
        Released = true;
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
