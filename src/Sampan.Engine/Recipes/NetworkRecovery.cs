using Sampan.Engine.Containers;

namespace Sampan.Engine.Recipes;

/// <summary>
/// Makes a running container's record and the networks agree, after a daemon died between the two:
/// (1) a network that its record does not know was being connected: it is left
/// (2) a place that no network knows was being disconnected: the record forgets it
/// (3) places that a start made but could not write down are taken over
/// (4) the networks learn the container's name.
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

        // (2), (3)
        List<EndpointSnapshot> places = [.. before.Endpoints.Select(endpoint => Found(before.Id, endpoint)).OfType<EndpointSnapshot>()];
        if (!places.Select(Key).SequenceEqual(before.Endpoints.Select(Key)))
        {
            var wishes = before.Spec.Network.Endpoints.Where(e => !before.Endpoints.Any(p => p.NetworkName == e.Key) || places.Exists(p => p.NetworkName == e.Key)).ToDictionary(StringComparer.Ordinal);
            var now = container.Update(c => c with { Endpoints = places, Spec = c.Spec with { Network = c.Spec.Network with { Endpoints = wishes } } });
            parts.Save(now, durable: true);
            SpecSources.RewriteFiles(parts, now, firstNames: false);
        }

        // (4)
        if (parts.Network.Networks.SelectMany(n => n.Members).Any(m => m.ContainerId == before.Id && m.ContainerName != before.Name))
            await Translate.RunAsync(() => parts.Network.RenameAsync(before.Id, before.Name, ct));
    }

    private EndpointSnapshot? Found(string id, EndpointSnapshot endpoint)
    {
        var network = parts.Network.Networks.FirstOrDefault(n => n.Name == endpoint.NetworkName);
        return network?.Members.FirstOrDefault(m => m.ContainerId == id) is not { } member ? null : ContainerNetwork.Report(network, member);
    }

    private static (string Network, string Endpoint, int Ports) Key(EndpointSnapshot endpoint) => (endpoint.NetworkName, endpoint.EndpointId, endpoint.Ports.Count);
}
