using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Wishes;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Containers;

public sealed partial class ContainerOperations
{
    /// <summary>The wishes with other ports. A wish for any free port is found by the port that came of it.</summary>
    private static ContainerSpec WithPorts(ContainerSnapshot container, ContainerSpec spec, UpdateRequest request)
    {
        if (request.PublishAdd.Count == 0 && request.PublishRemove.Count == 0)
            return spec;
        if (ContainerNetwork.NameOf(spec.Network) is null or "host" or "none")
            throw EngineException.Invalid($"container {container.Name} has network mode '{spec.Network.Mode}': it can publish no ports");
        List<PublishedPort> ports = [.. spec.PublishedPorts];
        foreach (var removed in request.PublishRemove)
        {
            var live = container.Endpoints.SelectMany(e => e.Ports).FirstOrDefault(p => p.HostPort == removed.Number && p.Port.Protocol == removed.Protocol);
            var wish = ports.Find(p => p.Port.Protocol == removed.Protocol && (live is null || p.Port == live.Port)
                && (p.HostPort is { } first ? removed.Number >= first && removed.Number <= (p.HostPortEnd ?? first) : live is not null));
            if (wish is null)
            {
                throw EngineException.Invalid(live is null
                    ? $"container {container.Name} does not publish the host's port {removed}"
                    : $"container {container.Name} publishes the host's port {removed} because it publishes all its ports (-P)");
            }

            ports.Remove(wish);
        }

        return spec with { PublishedPorts = [.. ports, .. request.PublishAdd] };
    }

    private async Task ChangePortsAsync(Container container, UpdateRequest request, CancellationToken ct)
    {
        var mappings = await Translate.RunAsync(() => _parts.Network.ChangePortsAsync(
            container.Id,
            ContainerNetwork.Ports(request.PublishAdd),
            [.. request.PublishRemove.Select(p => new Network.HostPort(ContainerNetwork.Theirs(p.Protocol), p.Number))],
            ct));
        DaemonFailPoint.Reach("update.ports-changed");
        container.Update(c =>
        {
            var owner = c.Endpoints.FirstOrDefault(e => e.Ports.Count > 0) ?? c.Endpoints.FirstOrDefault();
            return c with { Endpoints = [.. c.Endpoints.Select(e => e == owner ? e with { Ports = ContainerNetwork.Report(mappings) } : e)] };
        });
    }
}
