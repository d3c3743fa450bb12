using System.Net;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Network;

namespace Sampan.Engine.Recipes;

/// <summary>
/// Makes a running container's record and the networks agree, after a daemon died between the two:
/// (1) a network that its record does not know was being connected: it is left
/// (2) a place that no network knows was being disconnected: the record forgets it
/// (3) ports that were being published or withdrawn are as they were before
/// (4) places that a start made but could not write down are taken over
/// (5) the networks learn the container's name.
/// </summary>
internal sealed class NetworkRecovery(EngineParts parts)
{
    /// <summary>Does it.</summary>
    public async Task AgreeAsync(Container container, CancellationToken ct)
    {
        var before = container.Current;
        if (ContainerNetwork.SharedWith(before.Spec.Network) is not null || ContainerNetwork.NameOf(before.Spec.Network) == "host")
            return;

        // (1)
        foreach (var network in parts.Network.Networks.Where(n => n.Name != "none" && n.Members.Any(m => m.ContainerId == before.Id) && before.Endpoints.All(e => e.NetworkName != n.Name)).ToList())
            await Translate.RunAsync(() => parts.Network.DisconnectAsync(before.Id, network.Id, ct));

        // (2), (3), (4)
        var places = Places(before);
        if (places.Count > 0 && places.Select(p => p.EndpointId).SequenceEqual(before.Endpoints.Select(e => e.EndpointId)))
        {
            var (recorded, live) = (PortsOf(before.Endpoints), PortsOf(places));
            if (!recorded.SetEquals(live))
            {
                await Translate.RunAsync(() => parts.Network.ChangePortsAsync(before.Id, [.. recorded.Except(live).Select(Request)], [.. live.Except(recorded).Select(p => new HostPort(ContainerNetwork.Theirs(p.Port.Protocol), p.HostPort)).Distinct()], ct));
                places = Places(before);
            }
        }

        if (!places.Select(Key).SequenceEqual(before.Endpoints.Select(Key)))
        {
            var wishes = before.Spec.Network.Endpoints.Where(e => !before.Endpoints.Any(p => p.NetworkName == e.Key) || places.Exists(p => p.NetworkName == e.Key)).ToDictionary(StringComparer.Ordinal);
            var now = container.Update(c => c with { Endpoints = places, Spec = c.Spec with { Network = c.Spec.Network with { Endpoints = wishes } } });
            parts.Save(now, durable: true);
            SpecSources.RewriteFiles(parts, now, firstNames: false);
        }

        // (5)
        if (parts.Network.Networks.SelectMany(n => n.Members).Any(m => m.ContainerId == before.Id && m.ContainerName != before.Name))
            await Translate.RunAsync(() => parts.Network.RenameAsync(before.Id, before.Name, ct));
    }

    private List<EndpointSnapshot> Places(ContainerSnapshot container) => [.. container.Endpoints.Select(endpoint => Found(container.Id, endpoint)).OfType<EndpointSnapshot>()];

    private static HashSet<PortSnapshot> PortsOf(IEnumerable<EndpointSnapshot> places) => [.. places.SelectMany(p => p.Ports).Where(p => p.HostPort > 0)];

    private static PortRequest Request(PortSnapshot port) =>
        new() { Protocol = ContainerNetwork.Theirs(port.Port.Protocol), ContainerPort = port.Port.Number, HostAddress = IPAddress.Parse(port.HostAddress), HostPort = port.HostPort };

    private EndpointSnapshot? Found(string id, EndpointSnapshot endpoint)
    {
        var network = parts.Network.Networks.FirstOrDefault(n => n.Name == endpoint.NetworkName);
        return network?.Members.FirstOrDefault(m => m.ContainerId == id) is not { } member ? null : ContainerNetwork.Report(network, member);
    }

    private static (string Network, string Endpoint, int Ports) Key(EndpointSnapshot endpoint) => (endpoint.NetworkName, endpoint.EndpointId, endpoint.Ports.Count);
}
