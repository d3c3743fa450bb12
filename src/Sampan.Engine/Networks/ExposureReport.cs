using System.Net;
using System.Net.Sockets;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Network;

namespace Sampan.Engine.Networks;

/// <summary>Tells which ports of running containers are reachable from where. Pure.</summary>
internal static class ExposureReport
{
    private const string All = "all";

    /// <summary>The report, containers by name, the widest open ports first.</summary>
    /// <param name="containers">All containers.</param>
    /// <param name="networks">All networks.</param>
    public static IReadOnlyList<Exposure> Of(IEnumerable<ContainerSnapshot> containers, IReadOnlyList<NetworkRecord> networks)
    {
        List<Exposure> lines = [];
        foreach (var container in containers.Where(c => c.IsRunning).OrderBy(c => c.Name, StringComparer.Ordinal))
        {
            if (container.Spec.Network.Mode == "host")
                lines.Add(new Exposure(container.Name, "host", All, "every address of this host", "whoever reaches this host, as its own firewall allows", "the container is in the host's network (--network host)"));
            else if (ContainerNetwork.SharedWith(container.Spec.Network) is { } other)
                lines.Add(new Exposure(container.Name, "", All, "", $"see container {other}", $"it shares the network of container {other}"));
            lines.AddRange(container.Endpoints.SelectMany(e => e.Ports).Select(p => Published(container, p, networks)));
            foreach (var endpoint in container.Endpoints)
            {
                if (networks.FirstOrDefault(n => n.Name == endpoint.NetworkName) is { } network)
                    lines.AddRange(Unpublished(container, endpoint, network));
            }
        }

        return lines;
    }

    private static Exposure Published(ContainerSnapshot container, PortSnapshot port, IReadOnlyList<NetworkRecord> networks)
    {
        var address = IPAddress.Parse(port.HostAddress);
        var place = container.Endpoints.FirstOrDefault(e => e.Ports.Contains(port));
        var network = place?.NetworkName ?? "";
        if (port.HostPort == 0)
        {
            var own = address.AddressFamily == AddressFamily.InterNetwork ? place?.Address : place?.Address6;
            return new Exposure(container.Name, network, port.Port.ToString(), own is null ? "" : new IPEndPoint(IPAddress.Parse(own), port.Port.Number).ToString(), "whoever has a route to the container's address", "published on a network with the gateway mode 'routed'");
        }

        var at = new IPEndPoint(address, port.HostPort).ToString();
        var wish = container.Spec.PublishedPorts.Any(p => p.Port == port.Port) ? $"published as {at}->{port.Port}" : $"published with all exposed ports (-P) as {at}->{port.Port}";
        var from = IPAddress.IsLoopback(address) ? "this host only"
            : address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? $"whoever reaches this host by {(address.AddressFamily == AddressFamily.InterNetwork ? "IPv4" : "IPv6")}"
            : $"whoever reaches this host at {address}";
        return networks.Any(n => n.Name == network && n.ObeysHost) && !IPAddress.IsLoopback(address)
            ? new Exposure(container.Name, network, port.Port.ToString(), at, from + ", as the host's own input rules allow", wish + "; the network obeys the host's rules (host-policy)")
            : new Exposure(container.Name, network, port.Port.ToString(), at, from, wish);
    }

    private static IEnumerable<Exposure> Unpublished(ContainerSnapshot container, EndpointSnapshot endpoint, NetworkRecord network)
    {
        const string betweenContainers = "com.docker.network.bridge.enable_icc";
        foreach (var address in new[] { endpoint.Address, endpoint.Address6 }.OfType<string>())
        {
            yield return network switch
            {
                { Driver: "macvlan" or "ipvlan" } => Line($"whoever reaches the wire of '{network.Options.GetValueOrDefault("parent") ?? "a dummy interface"}', but not this host", $"the driver {network.Driver} puts containers on the parent's wire"),
                { Internal: false } when network.Options.GetValueOrDefault($"com.docker.network.bridge.gateway_mode_ipv{(address.Contains(':', StringComparison.Ordinal) ? 6 : 4)}") == "nat-unprotected" => Line("whoever has a route to the container's address", "the network's gateway mode is 'nat-unprotected'"),
                _ when network.Options.GetValueOrDefault(betweenContainers) == "false" => Line("this host only", "the network keeps its containers from each other (enable_icc=false)"),
                { Internal: true } => Line($"this host and containers of network '{network.Name}'", "neighbours reach each other; the network is internal"),
                _ => Line($"this host and containers of network '{network.Name}'", "neighbours reach each other; other networks and machines are kept out"),
            };

            Exposure Line(string from, string why) => new(container.Name, network.Name, All, address, from, why);
        }
    }
}
