using System.Net;
using System.Security.Cryptography;
using Sampan.Linux;
using Sampan.Linux.Netlink;
using Sampan.Linux.Processes;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;
using Sampan.Network.Dns;
using Sampan.Network.Endpoints;
using Sampan.Network.Ports;
using Sampan.Network.Wires;

namespace Sampan.Network;

public sealed partial class NetworkService
{
    private const int IdBytes = 32;
    internal const string LinkPrefix = "veth";
    internal const int LinkIdLength = 7;
    private static readonly bool[] s_versions = [false, true];
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
            var settings = EndpointSettings.Parse(request);
            var endpointId = NewId();
            if (network.Document.Driver == DefaultNetworks.HostDriver)
            {
                RequireNoAddress(request, network);
                attached.SetResult(Attachment(network, endpointId, null, null, [], wired.Task));
                wired.SetResult();
                return;
            }

            // 2. reserve address, ports and namespace
            var endpoint = Reserve(request, settings, network, endpointId, present, undo);
            var sandbox = present ?? NewSandbox(request, network, endpointId, undo);
            var slot = present is null ? TakeSlot(request, paired: network.Bridge is not null, undo) : null;
            endpoint = endpoint with { HostLink = slot?.HostLink ?? endpoint.HostLink };
            var record = sandbox.With(endpoint);
            if (record.Service is { } service)
                Register(service, request, network);

            // 3. remember them: whatever happens from here on, the next daemon finds out
            undo.Push(() => Remember(request.ContainerId, present));
            Remember(request.ContainerId, record);
            FailPoint.Reach("connect.record-stored");

            // 4. the namespace is the container's
            ct.ThrowIfCancellationRequested();
            var path = _store.NamespacePath(record.ContainerId);
            using var wiring = slot is null ? EndpointWiring.Open(Home, path) : EndpointWiring.Take(Home, slot, path);
            if (present is null)
                undo.Push(() => NetworkNamespace.Drop(path));
            attached.SetResult(Attachment(network, endpointId, path, endpoint, present is { Endpoints.Count: > 0 } ? [] : [.. record.Ports.Select(p => p.ToMapping())], wired.Task));

            // 5. links, addresses, routes
            FailPoint.Reach("connect.namespace-made");
            if (network.Addressed is not null && present is not null)
                undo.Push(() => RemoveLink(record.ContainerId, endpoint));
            if (network.Bridge is { } bridge)
            {
                wiring.Connect(Route, bridge, Plan(endpoint, record, settings));
                undo.Push(() => _shortcut?.Remove(endpoint));
                TryShorten(endpoint, bridge, slot?.FilteredPort, prepared: slot?.FilteredPort is not null);
            }
            else if (network.Wire is { } wire)
                wiring.Connect(Route, wire, Plan(endpoint, record, settings) with { IsRouted = wire.Settings.IsRouted });

            if (HasNames(network))
            {
                if (present is null)
                    undo.Push(() => CloseNameServer(record.ContainerId));
                OpenNameServer(record, wiring.Space);
            }

            // 6. publish the ports
            FailPoint.Reach("connect.links-made");
            Republish(present, record, undo);
            FailPoint.Reach("connect.ports-published");

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

    /// <summary>A slot of the pool, or one made now; somebody may have removed the links of the pool's.</summary>
    private Slot TakeSlot(EndpointRequest request, bool paired, Undo undo)
    {
        // All that is made ahead has one owner.
        var source = request.IsMapped ? Source : null;
        var pool = request.IsMapped == Source is not null ? _slots : null;
        Slot? slot;
        while ((slot = pool?.Take(paired))?.HostLink is { } link && Route.FindLink(link) is null)
            slot.Dispose();
        slot ??= Slot.Make(Home, source);
        undo.Push(slot.Dispose);
        return slot;
    }

    /// <summary>Makes namespaces that belong to the containers' user namespace; null: there is none.</summary>
    private Func<SafeFd>? Source => _options.MakeMapped is not { } make ? null : () =>
    {
        var path = make();
        try
        {
            return NetworkNamespace.Open(path);
        }
        finally
        {
            _options.DropMapped(path);
        }
    };

    private EndpointRecord Reserve(EndpointRequest request, EndpointSettings settings, NetworkState network, string endpointId, SandboxRecord? present, Undo undo)
    {
        var record = new EndpointRecord
        {
            EndpointId = endpointId,
            NetworkId = network.Document.Id,
            Aliases = request.Aliases,
            Links = request.Links,
            GatewayPriority = request.GatewayPriority,
        };
        if (network.Addressed is not { } addressed)
        {
            RequireNoAddress(request, network);
            return record;
        }

        if (network.Wire is { Settings.Driver: WireSettings.IpVlan } && request.MacAddress is { Length: > 0 })
            throw new NetworkException(NetworkError.InvalidInput, $"network '{network.Document.Name}' is of the driver 'ipvlan', whose containers have their parent's hardware address: leave out the MAC address");
        var link = ChooseLink(settings, addressed, present);
        var address = TakeAddress(request, request.IPv4Address, addressed.Version4, "IPv4", undo);
        var address6 = TakeAddress(request, request.IPv6Address, addressed.Version6, "IPv6", undo);
        return record with
        {
            Address = address?.ToString(),
            PrefixLength = addressed.Version4?.Subnet.PrefixLength ?? 0,
            Address6 = address6?.ToString(),
            PrefixLength6 = addressed.Version6?.Subnet.PrefixLength ?? 0,
            MacAddress = network.Wire is { Settings.Driver: WireSettings.IpVlan } ? null : ChooseHardwareAddress(request, address ?? address6 ?? throw new InvalidOperationException("a network without addresses")).ToString(),
            HostLink = network.Bridge is null ? null : LinkPrefix + endpointId[..LinkIdLength],
            ContainerLink = link,
        };
    }

    private SandboxRecord NewSandbox(EndpointRequest request, NetworkState network, string endpointId, Undo undo)
    {
        var name = request.ContainerName ?? request.ContainerId;
        if (network.Wire is { } wire && request.Ports.Count > 0)
            throw new NetworkException(NetworkError.InvalidInput, $"cannot publish ports on network '{network.Document.Name}': containers of the driver '{wire.Settings.Driver}' are on their parent's wire, where all their ports are reachable at their own address");
        var ports = network.Bridge is null ? [] : _ports.Reserve(new PortClaimant(request.ContainerId, name, endpointId, request.Service), request.Ports, HostSide(network));
        undo.Push(() => _ports.Free(request.ContainerId));
        return new SandboxRecord { ContainerId = request.ContainerId, ContainerName = name, Hostname = request.Hostname, DnsServers = request.DnsServers, Service = request.Service, Ports = [.. ports.Select(PortRecord.From)] };
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

    private static HostSide HostSide(NetworkState network) =>
        new(network.Document.Name, network.Bridge?.Settings.BindAddress, network.Bridge?.Version4 is not null, network.Bridge?.Version6 is not null)
        {
            Routed = network.Bridge is { IsInternal: false, Settings.Mode: GatewayMode.Routed },
            Routed6 = network.Bridge is { IsInternal: false, Settings.Mode6: GatewayMode.Routed },
        };

    private static string ChooseLink(EndpointSettings settings, AddressedNetwork network, SandboxRecord? present)
    {
        var used = present?.Endpoints.Select(e => e.ContainerLink).ToHashSet(StringComparer.Ordinal) ?? [];
        if (settings.LinkName is not { } wanted)
            return Enumerable.Range(0, used.Count + 1).Select(i => $"{network.LinkPrefix}{i}").First(n => !used.Contains(n));
        return used.Contains(wanted)
            ? throw new NetworkException(NetworkError.Conflict, $"the container has an interface '{wanted}' already")
            : wanted;
    }

    private static IPAddress? TakeAddress(EndpointRequest request, string? wanted, BridgeSubnet? side, string version, Undo undo)
    {
        if (side is null)
        {
            return string.IsNullOrEmpty(wanted)
                ? null
                : throw new NetworkException(NetworkError.InvalidInput, $"network '{request.NetworkName}' gives no {version} addresses: leave out the fixed address '{wanted}'{(version == "IPv6" ? ", or make the network with --ipv6" : "")}");
        }

        IPAddress? address;
        if (string.IsNullOrEmpty(wanted))
            address = side.Addresses.TakeNext();
        else if (Subnet.TryParseAddress(wanted, out address))
            side.Addresses.Take(address);
        else
            throw new NetworkException(NetworkError.InvalidInput, $"invalid address '{wanted}': {(side.Subnet.IsVersion6 ? "one like 'fd00::2' is" : "four numbers with dots are")} expected");
        undo.Push(() => side.Addresses.Free(address));
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

    private LinkPlan Plan(EndpointRecord endpoint, SandboxRecord sandbox, EndpointSettings settings)
    {
        var link = endpoint.ContainerLink ?? throw new InvalidOperationException("an endpoint with addresses has a link");
        HardwareAddress? hardware = null;
        if (endpoint.MacAddress is { } mac && !HardwareAddress.TryParse(mac, out hardware))
            throw new InvalidOperationException($"the hardware address '{mac}' is none");
        return new LinkPlan
        {
            HostName = endpoint.HostLink ?? "",
            ContainerName = link,
            Hardware = hardware,
            Addresses =
            [
                .. new[] { (Address: endpoint.AddressOf(version6: false), endpoint.PrefixLength), (Address: endpoint.AddressOf(version6: true), PrefixLength: endpoint.PrefixLength6) }
                    .Where(a => a.Address is not null).Select(a => (a.Address ?? IPAddress.Any, a.PrefixLength)),
                .. settings.LinkLocal,
            ],
            Gateways = [.. s_versions.Select(v => GatewayOf(sandbox, v)).OfType<WayOut>().Where(w => w.Endpoint == endpoint).Select(w => w.Gateway)],
            Hairpin = sandbox.Ports.Count > 0 || sandbox.Service is not null,
            Parameters = settings.ParametersOf(link),
        };
    }

    /// <summary>The endpoint that has the default route of a version; null: there is no way out.</summary>
    private WayOut? GatewayOf(SandboxRecord sandbox, bool version6)
    {
        if (sandbox.Endpoints is [var only])
            return WayOutBy(only, version6);
        return sandbox.Endpoints.Select(e => (Name: NameOf(e.NetworkId), Way: WayOutBy(e, version6))).Where(w => w.Way is not null)
            .OrderByDescending(w => w.Way?.Endpoint.GatewayPriority).ThenBy(w => w.Name, StringComparer.Ordinal).FirstOrDefault().Way;
    }

    private WayOut? WayOutBy(EndpointRecord endpoint, bool version6) =>
        ById(endpoint.NetworkId)?.Addressed is { IsInternal: false } network && network.Of(version6) is { } side && endpoint.AddressOf(version6) is { } address
            ? new WayOut(endpoint, address, side.Gateway, network is WireNetwork { Settings.IsRouted: true })
            : null;

    /// <summary>The container's record, if it is on networks already.</summary>
    private SandboxRecord? RequireConnectable(EndpointRequest request, NetworkState network)
    {
        if (request.ContainerId.Length is 0 or > 200 || request.ContainerId[0] == '.' || !request.ContainerId.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-') || request.ContainerId.EndsWith(".json", StringComparison.Ordinal))
            throw new NetworkException(NetworkError.InvalidInput, $"invalid container id '{request.ContainerId}'");
        if (network.Document.Configuration is not null)
            throw new NetworkException(NetworkError.Forbidden, $"cannot create endpoint on configuration-only network: '{network.Document.Name}' is what other networks are made from (--config-from)");
        if (network.Broken is { } reason)
            throw new NetworkException(NetworkError.Conflict, $"network '{network.Document.Name}' could not be set up: {reason}");
        if (!_sandboxes.TryGetValue(request.ContainerId, out var present))
            return null;
        if (present.On(network.Document.Id) is not null)
            throw new NetworkException(NetworkError.Forbidden, $"endpoint with name {present.ContainerName} already exists in network {network.Document.Name}");
        if (network.Addressed is null)
            throw new NetworkException(NetworkError.InvalidInput, "container cannot be connected to multiple networks with one of the networks in private (none) mode");
        return present;
    }

    private static void RequireNoAddress(EndpointRequest request, NetworkState network)
    {
        if (request.IPv4Address is { Length: > 0 } || request.IPv6Address is { Length: > 0 } || request.LinkLocalAddresses.Count > 0 || request.MacAddress is { Length: > 0 })
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
        Address = record?.AddressOf(version6: false),
        PrefixLength = record?.PrefixLength ?? 0,
        Gateway = network.Addressed is { IsInternal: false } way ? way.Version4?.Gateway : null,
        Address6 = record?.AddressOf(version6: true),
        PrefixLength6 = record?.PrefixLength6 ?? 0,
        Gateway6 = network.Addressed is { IsInternal: false } way6 ? way6.Version6?.Gateway : null,
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
