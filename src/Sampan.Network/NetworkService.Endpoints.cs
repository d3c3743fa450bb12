using System.Net;
using System.Security.Cryptography;
using Sampan.Linux;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;
using Sampan.Network.Dns;
using Sampan.Network.Endpoints;
using Sampan.Network.Ports;

namespace Sampan.Network;

public sealed partial class NetworkService
{
    private const int IdBytes = 32;
    private const string LinkPrefix = "veth";
    private const int LinkIdLength = 7;
    private static readonly TimeSpan s_sweepDelay = TimeSpan.FromSeconds(2);

    /// <summary>The recipe of <see cref="ConnectAsync"/>, with the same numbers.</summary>
    private void Connect(EndpointRequest request, TaskCompletionSource<NetworkAttachment> attached, CancellationToken ct)
    {
        using var undo = new Undo();
        var wired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            // 1. choose the network
            var network = Find(request.NetworkName);
            var present = RequireConnectable(request, network);
            var endpointId = NewId();
            if (network.Document.Driver == DefaultNetworks.HostDriver)
            {
                RequireNoAddress(request, network);
                attached.SetResult(Attachment(network, endpointId, null, null, [], wired.Task));
                wired.SetResult();
                return;
            }

            // 2. reserve address and ports
            var endpoint = Reserve(request, network, endpointId, present, undo);
            var record = (present ?? NewSandbox(request, network, endpointId, undo)).With(endpoint);

            // 3. remember them: whatever happens from here on, the next daemon finds out
            undo.Push(() => Remember(request.ContainerId, present));
            Remember(request.ContainerId, record);

            // 4. make the namespace
            ct.ThrowIfCancellationRequested();
            var path = _store.NamespacePath(record.ContainerId);
            using var wiring = present is null ? EndpointWiring.Make(Home, path) : EndpointWiring.Open(Home, path);
            if (present is null)
                undo.Push(() => NetworkNamespace.Drop(path));
            attached.SetResult(Attachment(network, endpointId, path, endpoint, present is { Endpoints.Count: > 0 } ? [] : [.. record.Ports.Select(p => p.ToMapping())], wired.Task));

            // 5. links, addresses, routes
            if (network.Bridge is { } bridge)
            {
                if (present is not null)
                    undo.Push(() => RemoveLink(endpoint));
                Wire(wiring, bridge, endpoint, hairpin: record.Ports.Count > 0, isGateway: GatewayOf(record)?.Endpoint == endpoint);
            }

            if (HasNames(network))
            {
                if (present is null)
                    undo.Push(() => CloseNameServer(record.ContainerId));
                OpenNameServer(record, wiring.Space);
            }

            // 6. publish the ports
            Republish(present, record, undo);

            undo.Release();
            Refresh();
            wired.SetResult();
        }
        catch (Exception failure)
        {
            var told = Tell(failure, $"connect container '{request.ContainerId}' to network '{request.NetworkName}'", undo.Run());
            if (!attached.TrySetException(told))
            {
                wired.SetException(told);
                _ = wired.Task.Exception; // observed: a caller that gave up need not await it
            }
        }
    }

    private EndpointRecord Reserve(EndpointRequest request, NetworkState network, string endpointId, SandboxRecord? present, Undo undo)
    {
        var record = new EndpointRecord
        {
            EndpointId = endpointId,
            NetworkId = network.Document.Id,
            Aliases = request.Aliases,
            Links = request.Links,
            GatewayPriority = request.GatewayPriority,
        };
        if (network.Bridge is not { } bridge)
        {
            RequireNoAddress(request, network);
            return record;
        }

        var link = ChooseLink(request, bridge, present);
        var address = TakeAddress(request, bridge);
        undo.Push(() => bridge.Addresses.Free(address));
        return record with
        {
            Address = address.ToString(),
            PrefixLength = bridge.Subnet.PrefixLength,
            MacAddress = ChooseHardwareAddress(request, address).ToString(),
            HostLink = LinkPrefix + endpointId[..LinkIdLength],
            ContainerLink = link,
        };
    }

    private SandboxRecord NewSandbox(EndpointRequest request, NetworkState network, string endpointId, Undo undo)
    {
        var name = request.ContainerName ?? request.ContainerId;
        var ports = network.Bridge is null ? [] : _ports.Reserve(new PortClaimant(request.ContainerId, name, endpointId), request.Ports, network.Bridge.Settings.BindAddress);
        undo.Push(() => _ports.Free(request.ContainerId));
        return new SandboxRecord { ContainerId = request.ContainerId, ContainerName = name, Hostname = request.Hostname, DnsServers = request.DnsServers, Ports = [.. ports.Select(PortRecord.From)] };
    }

    private void Remember(string containerId, SandboxRecord? record)
    {
        if (record is null)
        {
            _sandboxes.Remove(containerId);
            _store.Remove(containerId);
        }
        else
        {
            _sandboxes[containerId] = record;
            _store.Save(record);
        }
    }

    private static string ChooseLink(EndpointRequest request, BridgeNetwork bridge, SandboxRecord? present)
    {
        const string name = "com.docker.network.endpoint.ifname";
        if (request.Options.Keys.FirstOrDefault(o => o != name) is { } unknown)
            throw new NetworkException(NetworkError.InvalidInput, $"unknown option '{unknown}' for an endpoint of network '{request.NetworkName}': there is '{name}'");
        var used = present?.Endpoints.Select(e => e.ContainerLink).ToHashSet(StringComparer.Ordinal) ?? [];
        if (!request.Options.TryGetValue(name, out var wanted))
            return Enumerable.Range(0, used.Count + 1).Select(i => $"{bridge.Settings.LinkPrefix}{i}").First(n => !used.Contains(n));
        if (!BridgeSettings.IsLinkName(wanted) || wanted == "lo")
            throw new NetworkException(NetworkError.InvalidInput, $"invalid interface name '{wanted}': a letter, then at most 14 letters, digits, '_', '.', '-' are expected");
        return used.Contains(wanted)
            ? throw new NetworkException(NetworkError.Conflict, $"the container has an interface '{wanted}' already")
            : wanted;
    }

    private static IPAddress TakeAddress(EndpointRequest request, BridgeNetwork bridge)
    {
        if (request.IPv4Address is not { Length: > 0 } wanted)
            return bridge.Addresses.TakeNext();
        if (!IPAddress.TryParse(wanted, out var address) || address.ToString() != wanted)
            throw new NetworkException(NetworkError.InvalidInput, $"invalid address '{wanted}': four numbers with dots are expected");
        bridge.Addresses.Take(address);
        return address;
    }

    private static HardwareAddress ChooseHardwareAddress(EndpointRequest request, IPAddress address)
    {
        if (request.MacAddress is not { Length: > 0 } wanted)
            return HardwareAddress.From(address);
        return HardwareAddress.TryParse(wanted, out var hardware)
            ? hardware.Value
            : throw new NetworkException(NetworkError.InvalidInput, $"invalid MAC address '{wanted}': six bytes like '02:42:ac:11:00:02', not of a group, are expected");
    }

    private void Wire(EndpointWiring wiring, BridgeNetwork bridge, EndpointRecord record, bool hairpin, bool isGateway)
    {
        if (record is not { Address: { } address, MacAddress: { } mac, HostLink: { } hostLink, ContainerLink: { } link } || !HardwareAddress.TryParse(mac, out var hardware))
            throw new InvalidOperationException("an endpoint on a bridge has an address");
        wiring.Connect(Route, bridge, (hostLink, link), IPAddress.Parse(address), hardware.Value, hairpin, isGateway);
    }

    /// <summary>The endpoint that has the default route, and its bridge; null: there is no way out.</summary>
    private (EndpointRecord Endpoint, BridgeNetwork Bridge)? GatewayOf(SandboxRecord sandbox)
    {
        if (sandbox.Endpoints is [var only])
            return WayOut(only);
        return sandbox.Endpoints.Select(e => (Name: NameOf(e.NetworkId), Way: WayOut(e))).Where(w => w.Way is not null)
            .OrderByDescending(w => w.Way?.Endpoint.GatewayPriority).ThenBy(w => w.Name, StringComparer.Ordinal).FirstOrDefault().Way;
    }

    private (EndpointRecord Endpoint, BridgeNetwork Bridge)? WayOut(EndpointRecord endpoint) =>
        ById(endpoint.NetworkId)?.Bridge is { IsInternal: false } bridge ? (endpoint, bridge) : null;

    /// <summary>Makes the published ports lead where the new record has its default route.</summary>
    private void Republish(SandboxRecord? before, SandboxRecord after, Undo? undo)
    {
        List<NftElement> old = before is null ? [] : [.. Elements(before)];
        List<NftElement> wanted = [.. Elements(after)];
        if (old.Select(e => e.ToString()).SequenceEqual(wanted.Select(e => e.ToString())))
            return;
        Change(old, wanted);
        undo?.Push(() => Change(wanted, old));
        ForgetFlows(after);
    }

    private void Change(List<NftElement> old, List<NftElement> wanted) =>
        Nft.Commit(new NftBatch().DeleteElements(_options.Bridge, old).AddElements(_options.Bridge, wanted));

    /// <summary>Takes a container off all networks: first its ports, so that nobody is sent to an address that may have another owner soon.</summary>
    private void Disconnect(string containerId)
    {
        if (!_sandboxes.TryGetValue(containerId, out var record))
            return;
        Withdraw(record);
        CloseNameServer(containerId);
        NetworkNamespace.Drop(_store.NamespacePath(containerId));
        _store.Remove(containerId);
        Forget(record);
        Refresh();
        if (record.Endpoints.Any(e => e.HostLink is not null) && !_sweepIsDue)
        {
            _sweepIsDue = true;
            _sweeping.Change(s_sweepDelay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Takes a container off one network: (1) forget the endpoint (2) ports (3) links (4) the default route.</summary>
    private void Leave(string containerId, string networkId)
    {
        var network = ById(networkId) ?? throw NotFound(networkId);
        if (!_sandboxes.TryGetValue(containerId, out var before) || before.On(networkId) is not { } endpoint)
            throw new NetworkException(NetworkError.NotConnected, $"container {containerId} is not connected to network {network.Document.Name}");

        // 1
        var after = before.Without(endpoint);
        Remember(containerId, after);

        // 2
        try
        {
            Republish(before, after, null);
        }
        catch (LinuxException gone) when (gone.Errno == Errno.ENOENT)
        {
            AssertRules(); // somebody flushed the host's rules
        }

        // 3
        RemoveLink(endpoint);
        if (endpoint.Address is { } address)
            network.Bridge?.Addresses.Free(IPAddress.Parse(address));

        // 4
        if (GatewayOf(after) is { Endpoint.ContainerLink: { } link } gateway && GatewayOf(before)?.Endpoint == endpoint)
        {
            using var wiring = EndpointWiring.Open(Home, _store.NamespacePath(containerId));
            wiring.RouteBy(link, gateway.Bridge.Gateway);
        }

        Refresh();
    }

    private void RemoveLink(EndpointRecord endpoint)
    {
        if (endpoint.HostLink is { } name && Route.FindLink(name) is { } link)
            Bridge.RemoveLink(Route, link.Index);
    }

    private void Rename(string containerId, string name)
    {
        if (!_sandboxes.TryGetValue(containerId, out var record))
            return;
        Remember(containerId, record with { ContainerName = name });
        Refresh();
    }

    /// <summary>
    /// The kernel takes a pair of links down with the container's namespace, in bulk and on its own time, which costs nobody
    /// anything. But somebody else may hold the namespace (nsenter, a debugger): its link must not stay on the bridge.
    /// </summary>
    private void Sweep()
    {
        _sweepIsDue = false;
        try
        {
            RemoveUnknownLinks();
        }
        catch (LinuxException)
        {
            // The next disconnection tries again; nobody waits for this one who could be told.
        }
    }

    private void RemoveUnknownLinks()
    {
        var known = _sandboxes.Values.SelectMany(s => s.Endpoints).Select(e => e.HostLink).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var bridges = _networks.Select(n => n.Bridge).OfType<BridgeNetwork>().Select(b => b.Index).ToHashSet();
        foreach (var link in Route.Links().Where(l => l is { Kind: "veth", Master: { } master } && bridges.Contains(master) && IsOurs(l.Name) && !known.Contains(l.Name)))
            Bridge.RemoveLink(Route, link.Index);
    }

    // Somebody may have put a link of their own on the bridge.
    private static bool IsOurs(string link) =>
        link.Length == LinkPrefix.Length + LinkIdLength && link.StartsWith(LinkPrefix, StringComparison.Ordinal) && link[LinkPrefix.Length..].All(char.IsAsciiHexDigitLower);

    private void Withdraw(SandboxRecord record)
    {
        var elements = Elements(record).ToList();
        try
        {
            Nft.Commit(new NftBatch().DeleteElements(_options.Bridge, elements));
        }
        catch (LinuxException gone) when (gone.Errno == Errno.ENOENT)
        {
            // Somebody flushed the host's rules: put them back, without this endpoint.
            _sandboxes.Remove(record.ContainerId);
            AssertRules();
        }

        ForgetFlows(record);
    }

    /// <summary>Peers that went on sending while the port changed its owner are to find the new one.</summary>
    private void ForgetFlows(SandboxRecord record)
    {
        var ports = record.Ports.Where(p => p.Protocol == PortProtocol.Udp).Select(p => p.HostPort).ToHashSet();
        if (ports.Count > 0)
            Nft.ForgetFlows((byte)PortProtocol.Udp, ports);
    }

    private void Forget(SandboxRecord record)
    {
        _sandboxes.Remove(record.ContainerId);
        _ports.Free(record.ContainerId);
        foreach (var endpoint in record.Endpoints)
        {
            if (endpoint.Address is { } address)
                ById(endpoint.NetworkId)?.Bridge?.Addresses.Free(IPAddress.Parse(address));
        }
    }

    /// <summary>The container's record, if it is on networks already.</summary>
    private SandboxRecord? RequireConnectable(EndpointRequest request, NetworkState network)
    {
        if (request.ContainerId.Length is 0 or > 200 || request.ContainerId[0] == '.' || !request.ContainerId.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-') || request.ContainerId.EndsWith(".json", StringComparison.Ordinal))
            throw new NetworkException(NetworkError.InvalidInput, $"invalid container id '{request.ContainerId}'");
        if (network.Broken is { } reason)
            throw new NetworkException(NetworkError.Conflict, $"network '{network.Document.Name}' could not be set up: {reason}");
        if (!_sandboxes.TryGetValue(request.ContainerId, out var present))
            return null;
        if (present.On(network.Document.Id) is not null)
            throw new NetworkException(NetworkError.Forbidden, $"endpoint with name {present.ContainerName} already exists in network {network.Document.Name}");
        if (network.Bridge is null)
            throw new NetworkException(NetworkError.InvalidInput, "container cannot be connected to multiple networks with one of the networks in private (none) mode");
        return present;
    }

    private static void RequireNoAddress(EndpointRequest request, NetworkState network)
    {
        if (request.IPv4Address is { Length: > 0 } || request.MacAddress is { Length: > 0 })
            throw new NetworkException(NetworkError.InvalidInput, $"network '{network.Document.Name}' gives no addresses: leave out the fixed address");
    }

    private NetworkState Find(string nameOrId)
    {
        var name = nameOrId is "default" or "" ? DefaultNetworks.BridgeName : nameOrId;
        return _networks.Find(n => n.Document.Name == name)
            ?? ById(name)
            ?? throw NotFound(nameOrId);
    }

    private string NameOf(string networkId) => ById(networkId)?.Document.Name ?? networkId;

    private static NetworkAttachment Attachment(NetworkState network, string endpointId, string? path, EndpointRecord? record, IReadOnlyList<PortMapping> ports, Task wired) => new()
    {
        NetnsPath = path,
        EndpointId = endpointId,
        NetworkId = network.Document.Id,
        NetworkName = network.Document.Name,
        Address = record?.Address is { } address ? IPAddress.Parse(address) : null,
        PrefixLength = record?.PrefixLength ?? 0,
        Gateway = network.Bridge is { IsInternal: false } bridge ? bridge.Gateway : null,
        MacAddress = record?.MacAddress,
        Ports = ports,
        DnsServers = HasNames(network) ? [NameServer.Address.ToString()] : [],
        Wired = wired,
    };

    private static Exception Tell(Exception failure, string act, IReadOnlyList<Exception> undoing)
    {
        var also = undoing.Count == 0 ? "" : $"; and what was made could not all be removed: {string.Join("; ", undoing.Select(u => u.Message))}";
        return failure switch
        {
            NetworkException known when undoing.Count == 0 => known,
            NetworkException known => new NetworkException(known.Kind, known.Message + also, known),
            OperationCanceledException cancelled => cancelled,
            LinuxException or IOException => new NetworkException(NetworkError.Internal, $"cannot {act}: {failure.Message}{also}", failure),
            _ => failure,
        };
    }

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
}
