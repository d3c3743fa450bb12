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
    /// <param name="networkAddress">The address of the host for requests that name none; null: the daemon's.</param>
    /// <exception cref="NetworkException">A port is taken, the range makes no sense, or the address is not this host's.</exception>
    internal IReadOnlyList<PortMapping> Reserve(PortClaimant claimant, IReadOnlyList<PortRequest> requests, IPAddress? networkAddress = null)
    {
        List<PortMapping> mappings = [];
        try
        {
            foreach (var request in requests)
                mappings.Add(Reserve(claimant, request.HostAddress is null ? request with { HostAddress = networkAddress } : request));
        }
        catch
        {
            Free(claimant.ContainerId);
            throw;
        }

        return mappings;
    }

    /// <summary>Takes a port found in a record. If somebody took it while no daemon held it, the firewall's rewriting still goes before them.</summary>
    internal void Restore(string containerId, string containerName, PortMapping mapping)
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

        _entries.Add(new Entry(containerId, containerName, mapping, held));
    }

    internal void Free(string containerId)
    {
        foreach (var entry in _entries.Where(e => e.ContainerId == containerId))
            entry.Held?.Dispose();
        _entries.RemoveAll(e => e.ContainerId == containerId);
    }

    public void Dispose()
    {
        foreach (var entry in _entries)
            entry.Held?.Dispose();
        _entries.Clear();
    }

    private PortMapping Reserve(PortClaimant claimant, PortRequest request)
    {
        var address = request.HostAddress ?? defaultAddress;
        if (address.AddressFamily != AddressFamily.InterNetwork)
            throw new NetworkException(NetworkError.NotSupported, $"publishing a port on the IPv6 address '{address}' is not supported yet: use an address of version 4");
        if (request.ContainerPort == 0)
            throw new NetworkException(NetworkError.InvalidInput, "invalid container port '0': ports are 1 to 65535");
        if (request.HostPortEnd != 0 && request.HostPortEnd < request.HostPort)
            throw new NetworkException(NetworkError.InvalidInput, $"invalid range of host ports '{request.HostPort}-{request.HostPortEnd}': it ends before it begins");

        return request.HostPort == 0
            ? ReserveEphemeral(claimant, request, address)
            : ReserveNamed(claimant, request, address);
    }

    private PortMapping ReserveNamed(PortClaimant claimant, PortRequest request, IPAddress address)
    {
        var last = Math.Max(request.HostPort, request.HostPortEnd);
        for (int port = request.HostPort; port <= last; port++)
        {
            if (TryTake(claimant, request, address, (ushort)port) is { } mapping)
                return mapping;
        }

        var what = last == request.HostPort
            ? $"Bind for {address}:{last} failed: port is already allocated{Holder(request.Protocol, address, last)}"
            : $"Bind for {address}:{request.HostPort}-{last} failed: all ports are allocated";
        throw InUse(claimant, what);
    }

    private PortMapping ReserveEphemeral(PortClaimant claimant, PortRequest request, IPAddress address)
    {
        var range = PortRange.Parse(Sysctl.Read("net/ipv4/ip_local_port_range"));
        for (var tried = 0; tried <= range.Last - range.First; tried++)
        {
            _lastEphemeral = _lastEphemeral < range.First || _lastEphemeral >= range.Last ? range.First : (ushort)(_lastEphemeral + 1);
            if (TryTake(claimant, request, address, _lastEphemeral) is { } mapping)
                return mapping;
        }

        throw InUse(claimant, $"Bind for {address}:{range.First}-{range.Last} failed: all ports are allocated");
    }

    private PortMapping? TryTake(PortClaimant claimant, PortRequest request, IPAddress address, ushort port)
    {
        if (_entries.Exists(e => e.StandsInTheWayOf(request.Protocol, address, port)))
            return null;
        HeldPort? held;
        try
        {
            held = HeldPort.TryHold((int)request.Protocol, address, port);
        }
        catch (LinuxException absent) when (absent.Errno == Errno.EADDRNOTAVAIL)
        {
            throw new NetworkException(
                NetworkError.InvalidInput,
                $"driver failed programming external connectivity on endpoint {claimant.ContainerName} ({claimant.EndpointId}): failed to bind host port {address}:{port}/{Name(request.Protocol)}: cannot assign requested address, '{address}' is not an address of this host",
                absent);
        }

        if (held is null)
            return null;
        var mapping = new PortMapping { Protocol = request.Protocol, ContainerPort = request.ContainerPort, HostAddress = address, HostPort = port };
        _entries.Add(new Entry(claimant.ContainerId, claimant.ContainerName, mapping, held));
        return mapping;
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

    private sealed record Entry(string ContainerId, string ContainerName, PortMapping Mapping, HeldPort? Held)
    {
        internal bool StandsInTheWayOf(PortProtocol protocol, IPAddress address, ushort port) =>
            Mapping.Protocol == protocol
            && Mapping.HostPort == port
            && (Mapping.HostAddress.Equals(address) || Mapping.HostAddress.Equals(IPAddress.Any) || address.Equals(IPAddress.Any));
    }
}
