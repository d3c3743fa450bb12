using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Recipes;
using Sampan.Network;
using Sampan.Runtime.Observation;
using static Sampan.Engine.Containers.States.ContainerState;

namespace Sampan.Engine.Networks;

public sealed partial class NetworkOperations
{
    private const string NotWithTheHost = "container cannot be disconnected from host network or connected to host network";

    /// <summary>
    /// Connects a container to a network, running or not: (1) enter the gate; check (2) connect what runs (3) remember
    /// (4) its files say so (5) publish.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="container">The container.</param>
    /// <param name="wish">What it is to have there.</param>
    /// <param name="ct">Heeded before anything is done.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Forbidden"/>: it is there already; <see cref="ErrorKind.InvalidArgument"/>: not with its networks.</exception>
    public async Task ConnectAsync(string network, string container, EndpointWish wish, CancellationToken ct)
    {
        var target = Find(network == "default" ? "bridge" : network);
        var found = _parts.Registry.Get(container);
        await found.Gate.WaitAsync(ct);
        try
        {
            // (1)
            var before = found.Current;
            RequireConnectable(before, target, wish);
            var wishes = new Dictionary<string, EndpointWish>(before.Spec.Network.Endpoints, StringComparer.Ordinal) { [target.Name] = wish };
            var spec = before.Spec with { Network = before.Spec.Network with { Endpoints = wishes } };
            var endpoint = new EndpointSnapshot { NetworkName = target.Name, NetworkId = target.Id };

            // (2)
            if (before.IsRunning)
            {
                var request = ContainerNetwork.Request(before with { Spec = spec }, target.Name, _parts.Options.Dns);
                var attachment = await Translate.RunAsync(() => _parts.Network.ConnectAsync(request, ct));
                await Translate.RunAsync(() => attachment.Wired);
                endpoint = ContainerNetwork.Report(attachment);
                if (found.Supervisor is { } supervisor)
                    await NameSockets.KeepAsync(_parts, before with { Endpoints = [endpoint] }, supervisor);
                DaemonFailPoint.Reach("network-connect.connected");
            }

            // (3)
            var now = found.Update(c => c with { Spec = spec, Endpoints = [.. c.Endpoints, endpoint] });
            _parts.Save(now, durable: true);
            DaemonFailPoint.Reach("network-connect.record-stored");

            // (4)
            if (now.IsRunning)
                SpecSources.RewriteFiles(_parts, now, firstNames: ContainerNetwork.HasNames(target.Name) && !before.Endpoints.Any(e => ContainerNetwork.HasNames(e.NetworkName)));

            // (5)
            Publish(target, "connect", now.Id);
        }
        finally
        {
            found.Gate.Release();
        }
    }

    /// <summary>Takes a container off a network, running or not.</summary>
    /// <param name="network">The network.</param>
    /// <param name="container">The container.</param>
    /// <param name="force">Also if the engine does not know the container any more.</param>
    /// <param name="ct">Heeded before anything is done.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Forbidden"/>: it is not on the network; <see cref="ErrorKind.InvalidArgument"/>: it is in the host's.</exception>
    public async Task DisconnectAsync(string network, string container, bool force, CancellationToken ct)
    {
        var target = Find(network == "default" ? "bridge" : network);
        if (!_parts.Registry.TryFind(container, out var found))
        {
            var orphan = force ? target.Members.FirstOrDefault(m => m.ContainerId == container || m.ContainerName == container) : null;
            if (orphan is null)
                throw EngineException.NotFound($"No such container: {container}");
            await Translate.RunAsync(() => _parts.Network.DisconnectAsync(orphan.ContainerId, target.Id, ct));
            return;
        }

        await found.Gate.WaitAsync(ct);
        try
        {
            var before = found.Current;
            if (target.Driver == "host")
                throw EngineException.Invalid(NotWithTheHost);
            if (before.Endpoints.FirstOrDefault(e => e.NetworkName == target.Name) is not { } leaving)
                throw new EngineException(ErrorKind.Forbidden, $"container {before.Id} is not connected to network {target.Name}");
            if (before.IsRunning && leaving.EndpointId.Length > 0)
                await Translate.RunAsync(() => _parts.Network.DisconnectAsync(before.Id, target.Id, ct));
            DaemonFailPoint.Reach("network-disconnect.disconnected");

            var wishes = before.Spec.Network.Endpoints.Where(e => e.Key != target.Name).ToDictionary(StringComparer.Ordinal);
            List<EndpointSnapshot> left = [.. before.Endpoints.Where(e => e != leaving)];
            if (left.Count > 0 && leaving.Ports.Count > 0)
                left[0] = left[0] with { Ports = leaving.Ports }; // they follow the default route
            var now = found.Update(c => c with { Endpoints = left, Spec = c.Spec with { Network = c.Spec.Network with { Endpoints = wishes } } });
            _parts.Save(now, durable: true);
            DaemonFailPoint.Reach("network-disconnect.record-stored");
            if (now.IsRunning)
                SpecSources.RewriteFiles(_parts, now, firstNames: false);
            Publish(target, "disconnect", now.Id);
        }
        finally
        {
            found.Gate.Release();
        }
    }

    private static void RequireConnectable(ContainerSnapshot container, NetworkRecord target, EndpointWish wish)
    {
        if (container.State is Removing or Dead)
            throw EngineException.Conflict($"Container {container.Id} is marked for removal and cannot be connected or disconnected to the network");
        if (ContainerNetwork.SharedWith(container.Spec.Network) is not null || container.Spec.Network.Mode == "host")
            throw EngineException.Invalid("container sharing network namespace with another container or host cannot be connected to any other network");
        if (target.Driver == "host")
            throw EngineException.Invalid(NotWithTheHost);
        if (container.Endpoints.Any(e => e.NetworkName == target.Name))
            throw new EngineException(ErrorKind.Forbidden, $"endpoint with name {container.Name} already exists in network {target.Name}");
        if (container.Endpoints.Count > 0 && (target.Name == "none" || container.Endpoints.Any(e => e.NetworkName == "none")))
            throw EngineException.Invalid("container cannot be connected to multiple networks with one of the networks in private (none) mode");
        if (target.IsPredefined && wish.Aliases.Count > 0)
            throw EngineException.Invalid("network-scoped aliases are only supported for user-defined networks");
        if (target.IsPredefined && wish.HasAddress)
            throw EngineException.Invalid($"invalid config for network {target.Name}: user specified IP address is supported on user-defined networks only");
    }
}
