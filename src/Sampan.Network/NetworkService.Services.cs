using System.Net;
using System.Net.Sockets;
using Sampan.Linux;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Linux.Netlink.Route;
using Sampan.Network.Endpoints;
using Sampan.Network.Firewall;
using Sampan.Network.Services;

namespace Sampan.Network;

public sealed partial class NetworkService
{
    private const string ServicesDirectory = "services";
    private readonly ServiceStore _services;

    /// <summary>What the kernel's maps hold for services now; null: the rule set has no part for them.</summary>
    private Dictionary<string, NftElement>? _balanced;

    /// <summary>
    /// Decides whether a container of a service is given new connections; nothing happens to those it has. The answer is asked for
    /// when it is this change's turn, so that the last change is the one that counts. It is remembered over restarts of the daemon.
    /// </summary>
    /// <param name="containerId">The container; one that is on no network, or of no service, is left alone.</param>
    /// <param name="isReady">Whether it takes connections; must not wait.</param>
    /// <exception cref="NetworkException">The kernel refused.</exception>
    public Task SetReadyAsync(string containerId, Func<bool> isReady) =>
        _thread.InvokeAsync(() => Guarded("balance", containerId, () =>
        {
            if (!_sandboxes.TryGetValue(containerId, out var sandbox) || sandbox.Service is null || isReady() is var now && now == sandbox.IsReady)
                return;
            Remember(containerId, sandbox with { IsReady = now });
            Refresh();
        }));

    /// <summary>How many connections to a container are open, as far as they came by way of the host: by a virtual address, a published port, or from the host itself.</summary>
    /// <exception cref="NetworkException">The kernel refused.</exception>
    public Task<int> CountConnectionsAsync(string containerId) =>
        _thread.InvokeAsync(() =>
        {
            var count = 0;
            Guarded("count connections of", containerId, () => count = _sandboxes.GetValueOrDefault(containerId) is { } sandbox ? AddressesOf(sandbox).Sum(Nft.CountConnections) : 0);
            return count;
        });

    /// <summary>A service has no containers any more: its virtual addresses are free. One that still has some stays.</summary>
    /// <exception cref="NetworkException">The kernel refused.</exception>
    public Task ForgetServiceAsync(string name) =>
        _thread.InvokeAsync(() => Guarded("forget service", name, () =>
        {
            if (_sandboxes.Values.Any(s => s.Service == name))
                return;
            foreach (var network in _networks.Where(n => n.Services.ContainsKey(name)))
                Unregister(network, network.Services[name]);
            AssertRules();
            Refresh();
        }));

    /// <summary>Makes sure that a service has its address on a network, before its first container is there.</summary>
    private void Register(string service, EndpointRequest request, NetworkState network)
    {
        if (network.Bridge is not { } bridge || !HasNames(network))
            return;
        List<string> names = [.. request.Aliases.Where(a => a != request.ContainerName && a != service).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (network.Services.TryGetValue(service, out var known))
        {
            if (known.Names.SequenceEqual(names))
                return;
            network.Services[service] = known with { Names = names };
            _services.Save(network.Document.Id, network.Services.Values);
            return;
        }

        using var undo = new Undo();
        var address = bridge.Version4?.Addresses.TakeLast();
        undo.Push(() => Free(address));
        var address6 = bridge.Version6?.Addresses.TakeLast();
        undo.Push(() => Free(address6));
        var made = new VirtualService { Name = service, Address = address?.ToString(), Address6 = address6?.ToString(), Names = names };
        try
        {
            network.Services[service] = made;
            _services.Save(network.Document.Id, network.Services.Values);
            KeepAddresses(network);
            AssertRules();
            undo.Release();
        }
        catch
        {
            network.Services.Remove(service);
            _services.Save(network.Document.Id, network.Services.Values);
            undo.Run();
            throw;
        }

        void Free(IPAddress? taken)
        {
            if (taken is not null)
                bridge.Of(taken.AddressFamily == AddressFamily.InterNetworkV6)?.Addresses.Free(taken);
        }
    }

    private void Unregister(NetworkState network, VirtualService service)
    {
        network.Services.Remove(service.Name);
        _services.Save(network.Document.Id, network.Services.Values);
        foreach (var address in service.Addresses)
            network.Bridge?.Of(address.AddressFamily == AddressFamily.InterNetworkV6)?.Addresses.Free(address);
        KeepAddresses(network);
    }

    private void LoadServices()
    {
        foreach (var network in _networks.Where(n => n.Bridge is not null))
        {
            foreach (var service in _services.Load(network.Document.Id))
            {
                network.Services[service.Name] = service;
                foreach (var address in service.Addresses)
                    network.Bridge?.Of(address.AddressFamily == AddressFamily.InterNetworkV6)?.Addresses.Keep(address);
            }

            KeepAddresses(network);
        }
    }

    /// <summary>
    /// Virtual addresses are the bridge's own, so that neighbours find their hardware address. With a full prefix they take part in
    /// no choice of a source.
    /// </summary>
    private void KeepAddresses(NetworkState network)
    {
        if (network.Bridge is not { } bridge)
            return;
        var wanted = network.Services.Values.SelectMany(s => s.Addresses).ToHashSet();
        var present = Route.Addresses().Where(a => a.Index == bridge.Index && a.PrefixLength == LongestPrefix(a.Address) && bridge.Subnets.Any(s => s.Subnet.Contains(a.Address) && !s.Gateway.Equals(a.Address))).Select(a => a.Address).ToHashSet();
        var batch = new RouteBatch();
        foreach (var old in present.Except(wanted))
            batch.DeleteAddress(bridge.Index, old, LongestPrefix(old));
        foreach (var missing in wanted.Except(present))
            batch.AddAddress(bridge.Index, missing, LongestPrefix(missing));
        Route.Commit(batch);
    }

    private static int LongestPrefix(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;

    private bool HasServices => _sandboxes.Values.Any(s => s.Service is not null) || _networks.Exists(n => n.Services.Count > 0);

    /// <summary>All elements of the services' maps as they should be.</summary>
    private IEnumerable<NftElement> BalancedElements()
    {
        foreach (var network in _networks.Where(n => n.Bridge is not null))
        {
            foreach (var service in network.Services.Values)
            {
                foreach (var address in service.Addresses)
                {
                    yield return ServiceRules.Address(address);
                    foreach (var element in ServiceRules.Lead(address, [.. Ready(service.Name).Select(s => s.On(network.Document.Id)?.AddressOf(address.AddressFamily == AddressFamily.InterNetworkV6)).OfType<IPAddress>()]))
                        yield return element;
                }
            }
        }

        var published = _sandboxes.Values.Where(s => s is { Service: not null, IsReady: true, Ports.Count: > 0 }).OrderBy(s => s.ContainerId, StringComparer.Ordinal)
            .SelectMany(s => s.Ports.Select(p => p.ToMapping()).Select(p => (Port: p, Way: GatewayOf(s, p.HostAddress.AddressFamily == AddressFamily.InterNetworkV6))))
            .Where(p => p.Port.HostPort > 0 && p.Way is { } way && ById(way.Endpoint.NetworkId)?.Bridge is not null)
            .GroupBy(p => (p.Port.Protocol, p.Port.HostAddress, p.Port.HostPort));
        foreach (var port in published)
        {
            if (port.Any(p => p.Way is { } way && ById(way.Endpoint.NetworkId)?.Bridge is { ObeysHost: true }))
                yield return HostPolicyRules.Ask(port.First().Port);
            foreach (var element in ServiceRules.Publish(port.First().Port, [.. port.Select(p => (p.Way?.Address ?? p.Port.HostAddress, p.Port.ContainerPort))]))
                yield return element;
        }
    }

    private IEnumerable<SandboxRecord> Ready(string service) =>
        _sandboxes.Values.Where(s => s.Service == service && s.IsReady).OrderBy(s => s.ContainerId, StringComparer.Ordinal);

    /// <summary>Brings the services' maps up to date, in one transaction; what stays the same is not touched.</summary>
    private void Rebalance()
    {
        if (_networks.Count == 0)
            return; // released
        if (HasServices != _balanced is not null)
        {
            AssertRules();
            return;
        }

        if (_balanced is null)
            return;
        var wanted = BalancedElements().ToDictionary(Key, StringComparer.Ordinal);
        List<NftElement> old = [.. _balanced.Where(e => wanted.GetValueOrDefault(e.Key)?.ToString() != e.Value.ToString()).Select(e => e.Value)];
        List<NftElement> fresh = [.. wanted.Where(e => _balanced.GetValueOrDefault(e.Key)?.ToString() != e.Value.ToString()).Select(e => e.Value)];
        if (old.Count == 0 && fresh.Count == 0)
            return;
        try
        {
            Change(old, fresh);
            _balanced = wanted;
        }
        catch (LinuxException gone) when (gone.Errno is Errno.ENOENT or Errno.EEXIST)
        {
            AssertRules(); // somebody changed the host's rules
        }
    }

    private static string Key(NftElement element) => $"{element.Map} {string.Join(" . ", element.Key.Select(f => f.Text))}";

    private static IEnumerable<IPAddress> AddressesOf(SandboxRecord sandbox) =>
        sandbox.Endpoints.SelectMany(e => s_versions.Select(e.AddressOf)).OfType<IPAddress>();

    /// <summary>Peers of a service that go on sending datagrams to a container that is gone are to find another.</summary>
    private void ForgetDatagrams(SandboxRecord gone)
    {
        if (gone.Service is null)
            return;
        foreach (var address in AddressesOf(gone))
            Nft.ForgetDatagrams(address);
    }
}
