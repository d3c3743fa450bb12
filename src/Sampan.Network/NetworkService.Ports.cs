using Sampan.Linux.Netlink.Nftables;
using Sampan.Linux.Netlink.Route;
using Sampan.Linux.Processes;
using Sampan.Network.Endpoints;
using Sampan.Network.Ports;

namespace Sampan.Network;

public sealed partial class NetworkService
{
    /// <summary>The recipe of <see cref="ChangePortsAsync"/>: (1) let go of ports (2) reserve others (3) remember (4) the firewall, in one transaction.</summary>
    private IReadOnlyList<PortMapping> ChangePorts(string containerId, IReadOnlyList<PortRequest> add, IReadOnlyList<HostPort> remove)
    {
        using var undo = new Undo();
        try
        {
            var before = _sandboxes.GetValueOrDefault(containerId) ?? throw new NetworkException(NetworkError.NotConnected, $"container {containerId} is on no network");
            var network = s_versions.Select(v => GatewayOf(before, v)).OfType<WayOut>().Select(w => ById(w.Endpoint.NetworkId)).FirstOrDefault()
                ?? throw new NetworkException(NetworkError.InvalidInput, $"container {before.ContainerName} has no network with a way out: it can publish no ports");

            // 1
            if (remove.FirstOrDefault(r => !before.Ports.Any(p => Is(p, r))) is { Number: > 0 } unknown)
                throw new NetworkException(NetworkError.InvalidInput, $"container {before.ContainerName} does not publish the host's port {unknown}");
            var gone = before.Ports.Where(p => remove.Any(r => Is(p, r))).ToList();
            _ports.Free(containerId, [.. gone.Select(p => p.ToMapping())]);
            undo.Push(() => gone.ForEach(p => _ports.Restore(containerId, before.ContainerName, p.ToMapping(), before.Service)));

            // 2
            var claimant = new PortClaimant(containerId, before.ContainerName, before.On(network.Document.Id)?.EndpointId ?? "", before.Service);
            var taken = _ports.Reserve(claimant, add, HostSide(network));
            undo.Push(() => _ports.Free(containerId, taken));

            // 3
            var after = before with { Ports = [.. before.Ports.Except(gone), .. taken.Select(PortRecord.From)] };
            undo.Push(() => Remember(containerId, before));
            Remember(containerId, after);
            FailPoint.Reach("ports.record-stored");

            // 4
            Republish(before, after, undo);
            FailPoint.Reach("ports.published");
            if (before.Ports.Count == 0 && after.Ports.Count > 0)
                TurnHairpinOn(after);
            undo.Release();
            Refresh();
            return [.. after.Ports.Select(p => p.ToMapping())];
        }
        catch (Exception failure)
        {
            throw Tell(failure, $"change the ports of container '{containerId}'", undo.Run());
        }

        static bool Is(PortRecord port, HostPort host) => port.Protocol == host.Protocol && port.HostPort == host.Number;
    }

    // See LinkPlan.Hairpin.
    private void TurnHairpinOn(SandboxRecord sandbox)
    {
        var batch = new RouteBatch();
        foreach (var link in sandbox.Endpoints.Select(e => e.HostLink).OfType<string>())
            batch.SetHairpin(link);
        Route.Commit(batch);
    }

    /// <summary>Makes the published ports lead where the new record has its default routes; what stays the same is not touched.</summary>
    private void Republish(SandboxRecord? before, SandboxRecord after, Undo? undo)
    {
        List<NftElement> old = before is null ? [] : [.. Elements(before)];
        List<NftElement> wanted = [.. Elements(after)];
        var stay = old.Select(e => e.Whole).Intersect(wanted.Select(e => e.Whole), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        old.RemoveAll(e => stay.Contains(e.Whole));
        wanted.RemoveAll(e => stay.Contains(e.Whole));
        if (old.Count == 0 && wanted.Count == 0)
            return;
        Change(old, wanted);
        undo?.Push(() => Change(wanted, old));
        var ports = (before?.Ports ?? []).Concat(after.Ports).Distinct();
        ForgetFlows(before is null || before.Endpoints.Count != after.Endpoints.Count ? ports : ports.Where(p => !(before.Ports.Contains(p) && after.Ports.Contains(p))));
    }

    private void Change(List<NftElement> old, List<NftElement> wanted) =>
        Nft.Commit(new NftBatch().DeleteElements(_options.Bridge, old).AddElements(_options.Bridge, wanted));

    /// <summary>Peers that went on sending while the port changed its owner are to find the new one.</summary>
    private void ForgetFlows(IEnumerable<PortRecord> changed)
    {
        var ports = changed.Where(p => p.Protocol == PortProtocol.Udp).Select(p => p.HostPort).ToHashSet();
        if (ports.Count > 0)
            Nft.ForgetFlows((byte)PortProtocol.Udp, ports);
    }
}
