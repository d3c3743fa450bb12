using System.Net;
using System.Security.Cryptography;
using Sampan.Linux;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;
using Sampan.Network.Endpoints;

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
            RequireConnectable(request);
            var endpointId = NewId();
            if (network.Document.Driver == DefaultNetworks.HostDriver)
            {
                RequireNoAddress(request, network);
                attached.SetResult(Attachment(network, endpointId, null, null, [], wired.Task));
                wired.SetResult();
                return;
            }

            // 2. reserve address and ports
            var record = Reserve(request, network, endpointId, undo);

            // 3. remember them: whatever happens from here on, the next daemon finds out
            _endpoints.Add(record.ContainerId, record);
            undo.Push(() => _endpoints.Remove(record.ContainerId));
            _store.Save(record);
            undo.Push(() => _store.Remove(record.ContainerId));

            // 4. make the namespace
            ct.ThrowIfCancellationRequested();
            var path = _store.NamespacePath(record.ContainerId);
            using var wiring = EndpointWiring.Make(Home, path);
            undo.Push(() => NetworkNamespace.Drop(path));
            attached.SetResult(Attachment(network, endpointId, path, record, [.. record.Ports.Select(p => p.ToMapping())], wired.Task));

            // 5. links, addresses, routes
            if (network.Bridge is { } bridge)
                Wire(wiring, bridge, record);

            // 6. publish the ports
            Nft.Commit(new NftBatch().AddElements(_options.Bridge, [.. Elements(record)]));
            undo.Push(() => Nft.Commit(new NftBatch().DeleteElements(_options.Bridge, [.. Elements(record)])));
            ForgetFlows(record);

            undo.Release();
            Refresh();
            wired.SetResult();
        }
        catch (Exception failure)
        {
            var told = Tell(failure, request, undo.Run());
            if (!attached.TrySetException(told))
            {
                wired.SetException(told);
                _ = wired.Task.Exception; // observed: a caller that gave up need not await it
            }
        }
    }

    private EndpointRecord Reserve(EndpointRequest request, NetworkState network, string endpointId, Undo undo)
    {
        var name = request.ContainerName ?? request.ContainerId;
        var record = new EndpointRecord { ContainerId = request.ContainerId, ContainerName = name, EndpointId = endpointId, NetworkId = network.Document.Id };
        if (network.Bridge is not { } bridge)
        {
            RequireNoAddress(request, network);
            return record;
        }

        var address = TakeAddress(request, bridge);
        undo.Push(() => bridge.Addresses.Free(address));
        var ports = _ports.Reserve(endpointId, name, request.Ports);
        undo.Push(() => _ports.Free(endpointId));
        return record with
        {
            Address = address.ToString(),
            PrefixLength = bridge.Subnet.PrefixLength,
            MacAddress = ChooseHardwareAddress(request, address).ToString(),
            HostLink = LinkPrefix + endpointId[..LinkIdLength],
            Ports = [.. ports.Select(PortRecord.From)],
        };
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

    private void Wire(EndpointWiring wiring, BridgeNetwork bridge, EndpointRecord record)
    {
        if (record is not { Address: { } address, MacAddress: { } mac, HostLink: { } hostLink } || !HardwareAddress.TryParse(mac, out var hardware))
            throw new InvalidOperationException("an endpoint on a bridge has an address");
        wiring.Connect(Route, bridge, hostLink, IPAddress.Parse(address), hardware.Value, hairpin: record.Ports.Count > 0);
    }

    /// <summary>Takes an endpoint down: first its ports, so that nobody is sent to an address that may have another owner soon.</summary>
    private void Disconnect(string containerId)
    {
        if (!_endpoints.TryGetValue(containerId, out var record))
            return;
        Withdraw(record);
        NetworkNamespace.Drop(_store.NamespacePath(containerId));
        _store.Remove(containerId);
        Forget(record);
        Refresh();
        if (record.HostLink is not null && !_sweepIsDue)
        {
            _sweepIsDue = true;
            _sweeping.Change(s_sweepDelay, Timeout.InfiniteTimeSpan);
        }
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
        var known = _endpoints.Values.Select(e => e.HostLink).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var bridges = _networks.Select(n => n.Bridge).OfType<BridgeNetwork>().Select(b => b.Index).ToHashSet();
        foreach (var link in Route.Links().Where(l => l is { Kind: "veth", Master: { } master } && bridges.Contains(master) && IsOurs(l.Name) && !known.Contains(l.Name)))
            Bridge.RemoveLink(Route, link.Index);
    }

    // Somebody may have put a link of their own on the bridge.
    private static bool IsOurs(string link) =>
        link.Length == LinkPrefix.Length + LinkIdLength && link.StartsWith(LinkPrefix, StringComparison.Ordinal) && link[LinkPrefix.Length..].All(char.IsAsciiHexDigitLower);

    private void Withdraw(EndpointRecord record)
    {
        var elements = Elements(record).ToList();
        try
        {
            Nft.Commit(new NftBatch().DeleteElements(_options.Bridge, elements));
        }
        catch (LinuxException gone) when (gone.Errno == Errno.ENOENT)
        {
            // Somebody flushed the host's rules: put them back, without this endpoint.
            _endpoints.Remove(record.ContainerId);
            AssertRules();
        }

        ForgetFlows(record);
    }

    /// <summary>Peers that went on sending while the port changed its owner are to find the new one.</summary>
    private void ForgetFlows(EndpointRecord record)
    {
        var ports = record.Ports.Where(p => p.Protocol == PortProtocol.Udp).Select(p => p.HostPort).ToHashSet();
        if (ports.Count > 0)
            Nft.ForgetFlows((byte)PortProtocol.Udp, ports);
    }

    private void Forget(EndpointRecord record)
    {
        _endpoints.Remove(record.ContainerId);
        _ports.Free(record.EndpointId);
        if (record.Address is { } address)
            _networks.Find(n => n.Document.Id == record.NetworkId)?.Bridge?.Addresses.Free(IPAddress.Parse(address));
    }

    private void RequireConnectable(EndpointRequest request)
    {
        if (request.ContainerId.Length is 0 or > 200 || request.ContainerId[0] == '.' || !request.ContainerId.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-') || request.ContainerId.EndsWith(".json", StringComparison.Ordinal))
            throw new NetworkException(NetworkError.InvalidInput, $"invalid container id '{request.ContainerId}'");
        if (_endpoints.TryGetValue(request.ContainerId, out var present))
            throw new NetworkException(NetworkError.Conflict, $"container '{request.ContainerId}' is on network '{NameOf(present.NetworkId)}' already: disconnect it first");
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
            ?? _networks.Find(n => n.Document.Id == name)
            ?? throw new NetworkException(NetworkError.NotFound, $"network {nameOrId} not found");
    }

    private string NameOf(string networkId) => _networks.Find(n => n.Document.Id == networkId)?.Document.Name ?? networkId;

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
        Wired = wired,
    };

    private static Exception Tell(Exception failure, EndpointRequest request, IReadOnlyList<Exception> undoing)
    {
        var also = undoing.Count == 0 ? "" : $"; and what was made could not all be removed: {string.Join("; ", undoing.Select(u => u.Message))}";
        return failure switch
        {
            NetworkException known when undoing.Count == 0 => known,
            NetworkException known => new NetworkException(known.Kind, known.Message + also, known),
            OperationCanceledException cancelled => cancelled,
            LinuxException or IOException => new NetworkException(NetworkError.Internal, $"cannot connect container '{request.ContainerId}' to network '{request.NetworkName}': {failure.Message}{also}", failure),
            _ => failure,
        };
    }

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
}
