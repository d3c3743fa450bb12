using System.Net;
using System.Net.Sockets;
using Sampan.Linux;
using Sampan.Linux.Netlink;
using Sampan.Linux.Proc;

namespace Sampan.Network.Ports;

/// <summary>
/// The host's ports that containers have, each kept from others by a socket. Used on the host thread only: sockets belong
/// to that thread's network namespace.
/// </summary>
internal sealed class PortTable(IPAddress defaultAddress) : IDisposable
{
    private readonly List<Entry> _entries = [];
    private ushort _lastEphemeral;

    /// <summary>Reserves all ports of a container, or none.</summary>
    /// <param name="claimant">Whose they are.</param>
    /// <param name="requests">The ports.</param>
    /// <param name="network">What the container's network says about them.</param>
    /// <exception cref="NetworkException">A port is taken, the range makes no sense, or the address is not this host's.</exception>
    internal IReadOnlyList<PortMapping> Reserve(PortClaimant claimant, IReadOnlyList<PortRequest> requests, HostSide network)
    {
        List<PortMapping> mappings = [];
        try
        {
            foreach (var request in requests)
            {
                var addresses = Addresses(request, network);
                IReadOnlyList<IPAddress> onHost = [.. addresses.Where(a => !IsRouted(a))];
                if (onHost.Count > 0)
                    mappings.AddRange(Reserve(claimant, request, onHost));
                mappings.AddRange(addresses.Where(IsRouted).Select(a => new PortMapping { Protocol = request.Protocol, ContainerPort = request.ContainerPort, HostAddress = IsVersion6(a) ? IPAddress.IPv6Any : IPAddress.Any, HostPort = 0 }));
            }
        }
        catch
        {
            Free(claimant.ContainerId, mappings);
            throw;
        }

        return mappings;

        bool IsRouted(IPAddress address) => IsVersion6(address) ? network.Routed6 : network.Routed;

        static bool IsVersion6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;
    }

    /// <summary>Takes a port found in a record. If somebody took it while no daemon held it, the firewall's rewriting still goes before them.</summary>
    internal void Restore(string containerId, string containerName, PortMapping mapping, string? service)
    {
        HeldPort? held = null;
        try
        {
            held = HeldPort.TryHold((int)mapping.Protocol, mapping.HostAddress, mapping.HostPort);
        }
        catch (LinuxException gone) when (gone.Errno == Errno.EADDRNOTAVAIL)
        {
            // The host lost the address (an interface is down): nobody else can take a port on it either.
        }

        _entries.Add(new Entry(containerId, containerName, mapping, held, service));
    }

    internal void Free(string containerId) => Free(e => e.ContainerId == containerId);

    /// <summary>Lets go of some ports of a container.</summary>
    internal void Free(string containerId, IReadOnlyCollection<PortMapping> mappings) => Free(e => e.ContainerId == containerId && mappings.Contains(e.Mapping));

    private void Free(Predicate<Entry> which)
    {
        var freed = _entries.FindAll(which);
        _entries.RemoveAll(which);
        foreach (var entry in freed.Where(e => e.Held is not null))
        {
            // The socket of a port that a service shares goes to another of its containers.
            var heir = _entries.FindIndex(e => e.Held is null && e.Service is not null && e.Service == entry.Service && e.Mapping == entry.Mapping);
            if (heir < 0)
                entry.Held?.Dispose();
            else
                _entries[heir] = _entries[heir] with { Held = entry.Held };
        }
    }

    public void Dispose()
    {
        foreach (var entry in _entries)
            entry.Held?.Dispose();
        _entries.Clear();
    }

    /// <summary>Where a port is to be reachable: all addresses are those of every version that the container has.</summary>
    private IReadOnlyList<IPAddress> Addresses(PortRequest request, HostSide network)
    {
        var address = request.HostAddress ?? network.BindAddress ?? defaultAddress;
        var all = request.HostAddress is null && address.Equals(IPAddress.Any);
        if (all)
            return [.. network.Version4 ? [address] : Array.Empty<IPAddress>(), .. network.Version6 ? [IPAddress.IPv6Any] : Array.Empty<IPAddress>()];
        var version6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        return (version6 ? network.Version6 : network.Version4)
            ? [address]
            : throw new NetworkException(
                NetworkError.InvalidInput,
                $"cannot publish a port on '{address}': containers of network '{network.NetworkName}' have no addresses of {(version6 ? "IPv6: make the network with --ipv6" : "IPv4")} or choose another address of the host");
    }

    private IReadOnlyList<PortMapping> Reserve(PortClaimant claimant, PortRequest request, IReadOnlyList<IPAddress> addresses)
    {
        if (request.ContainerPort == 0)
            throw new NetworkException(NetworkError.InvalidInput, "invalid container port '0': ports are 1 to 65535");
        if (request.HostPortEnd != 0 && request.HostPortEnd < request.HostPort)
            throw new NetworkException(NetworkError.InvalidInput, $"invalid range of host ports '{request.HostPort}-{request.HostPortEnd}': it ends before it begins");
        return request.HostPort == 0
            ? ReserveEphemeral(claimant, request, addresses)
            : ReserveNamed(claimant, request, addresses);
    }

    private IReadOnlyList<PortMapping> ReserveNamed(PortClaimant claimant, PortRequest request, IReadOnlyList<IPAddress> addresses)
    {
        var last = Math.Max(request.HostPort, request.HostPortEnd);
        for (int port = request.HostPort; port <= last; port++)
        {
            if (TryTake(claimant, request, addresses, (ushort)port) is { } mappings)
                return mappings;
        }

        if (last != request.HostPort)
            throw InUse(claimant, $"Bind for {addresses[0]}:{request.HostPort}-{last} failed: all ports are allocated");
        var taken = addresses.FirstOrDefault(a => Holder(request.Protocol, a, last).Length > 0) ?? addresses[0];
        throw InUse(claimant, $"Bind for {new IPEndPoint(taken, last)} failed: port is already allocated{Holder(request.Protocol, taken, last)}");
    }

    private IReadOnlyList<PortMapping> ReserveEphemeral(PortClaimant claimant, PortRequest request, IReadOnlyList<IPAddress> addresses)
    {
        // The port that the service has already, unless the container has it already too: it asks for a second one.
        var shared = _entries.Find(e => claimant.Service is not null && e.Service == claimant.Service && e.Mapping.ContainerPort == request.ContainerPort && e.Mapping.Protocol == request.Protocol
            && addresses.Contains(e.Mapping.HostAddress) && !_entries.Exists(own => own.ContainerId == claimant.ContainerId && own.Mapping == e.Mapping));
        if (shared is not null && TryTake(claimant, request, addresses, shared.Mapping.HostPort) is { } common)
            return common;
        var range = PortRange.Parse(Sysctl.Read("net/ipv4/ip_local_port_range"));
        for (var tried = 0; tried <= range.Last - range.First; tried++)
        {
            _lastEphemeral = _lastEphemeral < range.First || _lastEphemeral >= range.Last ? range.First : (ushort)(_lastEphemeral + 1);
            if (TryTake(claimant, request, addresses, _lastEphemeral) is { } mappings)
                return mappings;
        }

        throw InUse(claimant, $"Bind for {addresses[0]}:{range.First}-{range.Last} failed: all ports are allocated");
    }

    /// <summary>Takes the port on all addresses, or null and on none.</summary>
    private List<PortMapping>? TryTake(PortClaimant claimant, PortRequest request, IReadOnlyList<IPAddress> addresses, ushort port)
    {
        List<PortMapping> taken = [];
        try
        {
            foreach (var address in addresses)
            {
                if (TryTake(claimant, request, address, port) is not { } mapping)
                {
                    Free(claimant.ContainerId, taken);
                    return null;
                }

                taken.Add(mapping);
            }
        }
        catch
        {
            Free(claimant.ContainerId, taken);
            throw;
        }

        return taken;
    }

    private PortMapping? TryTake(PortClaimant claimant, PortRequest request, IPAddress address, ushort port)
    {
        var wanted = new PortMapping { Protocol = request.Protocol, ContainerPort = request.ContainerPort, HostAddress = address, HostPort = port };
        // Of a range, each container takes one of its own.
        var shares = request.HostPortEnd <= request.HostPort && _entries.Exists(e => e.Shares(claimant, wanted));
        if (_entries.Exists(e => e.StandsInTheWayOf(request.Protocol, address, port) && !(shares && e.Shares(claimant, wanted))))
            return null;
        if (shares)
        {
            _entries.Add(new Entry(claimant.ContainerId, claimant.ContainerName, wanted, null, claimant.Service));
            return wanted;
        }

        HeldPort? held;
        try
        {
            held = HeldPort.TryHold((int)request.Protocol, address, port);
        }
        catch (LinuxException absent) when (absent.Errno == Errno.EADDRNOTAVAIL)
        {
            throw new NetworkException(
                NetworkError.InvalidInput,
                $"driver failed programming external connectivity on endpoint {claimant.ContainerName} ({claimant.EndpointId}): failed to bind host port {new IPEndPoint(address, port)}/{Name(request.Protocol)}: cannot assign requested address, '{address}' is not an address of this host",
                absent);
        }

        if (held is null)
            return null;
        _entries.Add(new Entry(claimant.ContainerId, claimant.ContainerName, wanted, held, claimant.Service));
        return wanted;
    }

    private string Holder(PortProtocol protocol, IPAddress address, ushort port)
    {
        if (_entries.Find(e => e.StandsInTheWayOf(protocol, address, port)) is { } entry)
            return $" (by container '{entry.ContainerName}')";
        return PortOwner.Find((int)protocol, address, port) is { } owner ? $" (by process '{owner.Name}', pid {owner.Pid})" : "";
    }

    private static NetworkException InUse(PortClaimant claimant, string what) =>
        new(NetworkError.PortInUse, $"driver failed programming external connectivity on endpoint {claimant.ContainerName} ({claimant.EndpointId}): {what}");

    private static string Name(PortProtocol protocol) => protocol.ToString().ToLowerInvariant();

    private sealed record Entry(string ContainerId, string ContainerName, PortMapping Mapping, HeldPort? Held, string? Service)
    {
        /// <summary>Containers of one service publish the same port together.</summary>
        internal bool Shares(PortClaimant claimant, PortMapping wanted) => Service is not null && Service == claimant.Service && ContainerId != claimant.ContainerId && Mapping == wanted;

        internal bool StandsInTheWayOf(PortProtocol protocol, IPAddress address, ushort port) =>
            Mapping.Protocol == protocol
            && Mapping.HostPort == port
            && Mapping.HostAddress.AddressFamily == address.AddressFamily
            && (Mapping.HostAddress.Equals(address) || IsAny(Mapping.HostAddress) || IsAny(address));

        private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
    }
}
