using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Linux.Netlink.Route;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;
using Sampan.Network.Endpoints;

namespace Sampan.Network;

public sealed partial class NetworkService
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// Opens the networks: (1) check the options (2) directories (3) sockets in the host's namespace (4) the networks' documents
    /// (5) the bridges (6) routing between interfaces (7) the endpoints of the daemon's last run, with their ports (8) the firewall, watched from now on (9) namespaces ahead of those who will ask for them.
    /// </summary>
    /// <param name="options">How they are set up.</param>
    /// <param name="time">For the date of new networks.</param>
    /// <param name="ct">Cancels before anything is made.</param>
    /// <exception cref="NetworkException">An option makes no sense, the bridge's name or subnet is taken, or the kernel refused.</exception>
    public static Task<NetworkService> OpenAsync(NetworkOptions options, TimeProvider time, CancellationToken ct) => OpenAsync(options, time, null, ct);

    /// <summary>As above, with another network namespace in the host's role.</summary>
    internal static async Task<NetworkService> OpenAsync(NetworkOptions options, TimeProvider time, string? hostNamespace, CancellationToken ct)
    {
        var (subnet, address) = Check(options); // 1
        ct.ThrowIfCancellationRequested();
        var service = new NetworkService(options, time);
        try
        {
            await service._thread.InvokeAsync(() => Guarded("open networks on bridge", options.Bridge, () =>
            {
                Directory.CreateDirectory(options.StateDirectory, OwnerOnly); // 2
                Directory.CreateDirectory(options.ExecDirectory, OwnerOnly);
                service.OpenSockets(hostNamespace); // 3
                var documents = service.LoadDocuments(time); // 4
                service.LoadHostChanges();
                service.OpenBridges(documents, subnet, address); // 5
                service.TurnRoutingOn(); // 6
                service.LoadSandboxes(); // 7
                service.LoadServices();
                service.OpenShortcut();
                service.WatchRules(); // 8
                service.AssertRules();
                service.Refresh();
                service._slots = new SlotPool(service.Home, options.PoolSize, service._networks.First(n => n.Bridge is not null).Bridge?.Mtu ?? 1500, options.Shortcut ? service._shortcut : null, service.Source, options.Notices); // 9
            })).ConfigureAwait(false);
            return service;
        }
        catch
        {
            await service.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static (Subnet Subnet, System.Net.IPAddress Address) Check(NetworkOptions options)
    {
        const int maxNameBytes = 15;
        if (options.Bridge.Length == 0 || options.Bridge is "." or ".." || Encoding.UTF8.GetByteCount(options.Bridge) > maxNameBytes
            || !options.Bridge.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-') || !char.IsAsciiLetter(options.Bridge[0]))
            throw new NetworkException(NetworkError.InvalidInput, $"invalid bridge name '{options.Bridge}': a letter, then at most 14 letters, digits, '_', '.', '-' are expected");
        if (!Subnet.TryParse(options.BridgeAddress, out var subnet, out var address) || subnet.IsVersion6)
            throw new NetworkException(NetworkError.InvalidInput, $"invalid bridge address '{options.BridgeAddress}': an address and a prefix of 1 to 30 bits like '172.17.0.1/16' are expected");
        if (address.Equals(subnet.Network) || address.Equals(subnet.Broadcast))
            throw new NetworkException(NetworkError.InvalidInput, $"invalid bridge address '{options.BridgeAddress}': it is the address of the subnet itself, a host's is expected, like '{subnet.Host(1)}/{subnet.PrefixLength}'");
        if (options.BridgeSubnet6 is { } given && !(Subnet.TryParse(given, out var subnet6, out _) && subnet6.IsVersion6))
            throw new NetworkException(NetworkError.InvalidInput, $"invalid subnet of version 6 '{given}' for the default bridge: one like 'fd00:1::/64' is expected");
        if (options.Mtu is < 68 or > 65535)
            throw new NetworkException(NetworkError.InvalidInput, $"invalid mtu '{options.Mtu}': 68 to 65535 bytes are possible");
        return (subnet, address);
    }

    private void OpenSockets(string? hostNamespace)
    {
        if (hostNamespace is not null)
        {
            using var host = NetworkNamespace.Open(hostNamespace);
            NetworkNamespace.Enter(host);
        }

        _home = NetworkNamespace.OpenCurrent();
        _route = RouteSocket.Open();
        _firewall = NftSocket.Open();
    }

    private List<NetworkDocument> LoadDocuments(TimeProvider time)
    {
        List<NetworkDocument> documents = [];
        AtomicFile.RemoveLeftovers(_options.StateDirectory);
        foreach (var path in Directory.EnumerateFiles(_options.StateDirectory, "*.json").Where(p => !Path.GetFileName(p).StartsWith('.')))
            documents.Add(ReadDocument(path));
        foreach (var (name, driver) in DefaultNetworks.All.Where(d => !documents.Exists(n => n.Name == d.Name)))
        {
            var document = new NetworkDocument { Id = NewId(), Name = name, Driver = driver, Created = time.GetUtcNow() };
            SaveDocument(document);
            documents.Add(document);
        }

        return documents;
    }

    private static NetworkDocument ReadDocument(string path)
    {
        try
        {
            var document = JsonSerializer.Deserialize(File.ReadAllBytes(path), NetworkJson.Default.NetworkDocument);
            return document is { Schema: NetworkDocument.CurrentSchema }
                ? document
                : throw new NetworkException(NetworkError.NotSupported, $"the network's record '{path}' was written by a newer version");
        }
        catch (JsonException damage)
        {
            throw new NetworkException(NetworkError.Internal, $"the network's record '{path}' is damaged ({damage.Message}): remove the file to have the network made anew", damage);
        }
    }

    private void SaveDocument(NetworkDocument document) =>
        AtomicFile.Write(Path.Combine(_options.StateDirectory, document.Id + ".json"), JsonSerializer.SerializeToUtf8Bytes(document, NetworkJson.Default.NetworkDocument));

    private void OpenBridges(List<NetworkDocument> documents, Subnet subnet, System.Net.IPAddress address)
    {
        var mtu = _options.Mtu ?? Bridge.HostMtu(Route);
        _pools.AddUniqueLocal(documents.First(d => d.Name == DefaultNetworks.BridgeName).Id);
        foreach (var document in documents.OrderBy(d => d.Created).ThenBy(d => d.Name, StringComparer.Ordinal))
        {
            if (document.Name == DefaultNetworks.BridgeName)
            {
                var side = new BridgeSubnet { Subnet = subnet, Gateway = address, Addresses = new AddressPool(subnet, address, document.Name) };
                _networks.Add(new NetworkState(document with { Options = BridgeOptions(mtu) }, OpenDefaultBridge(document, side, mtu)));
            }
            else
            {
                _networks.Add(document.Subnets.Count == 0 ? new NetworkState(document, null) : Reopen(document));
            }
        }
    }

    private BridgeNetwork OpenDefaultBridge(NetworkDocument document, BridgeSubnet version4, int mtu)
    {
        BridgeSubnet? version6 = null;
        if (_options.IPv6)
        {
            TurnRouting6On();
            var subnet = _options.BridgeSubnet6 is { } given && Subnet.TryParse(given, out var parsed, out _) ? parsed : SubnetPools.UniqueLocal(document.Id).Part(0, 64);
            version6 = new BridgeSubnet { Subnet = subnet, Gateway = subnet.Host(1), Addresses = new AddressPool(subnet, subnet.Host(1), document.Name) };
        }

        IReadOnlyList<(System.Net.IPAddress, Subnet)> addresses = [(version4.Gateway, version4.Subnet), .. version6 is null ? Array.Empty<(System.Net.IPAddress, Subnet)>() : [(version6.Gateway, version6.Subnet)]];
        return new BridgeNetwork { Name = _options.Bridge, Index = Bridge.Ensure(Route, _options.Bridge, addresses, mtu), Version4 = version4, Version6 = version6, Mtu = mtu, ObeysHost = _options.HostPolicy, Settings = new BridgeSettings { InterContainer = _options.InterContainer } };
    }

    /// <summary>A network whose subnet or name somebody else took meanwhile must not keep the daemon from the others: whoever connects to it is told.</summary>
    private NetworkState Reopen(NetworkDocument document)
    {
        try
        {
            var addressed = Open(ref document);
            return new NetworkState(document, addressed);
        }
        catch (Exception failure) when (failure is NetworkException or LinuxException)
        {
            return new NetworkState(document, null) { Broken = failure.Message };
        }
    }

    /// <summary>What <c>docker network inspect bridge</c> shows.</summary>
    private Dictionary<string, string> BridgeOptions(int mtu) => new(StringComparer.Ordinal)
    {
        ["com.docker.network.bridge.default_bridge"] = "true",
        ["com.docker.network.bridge.enable_icc"] = _options.InterContainer ? "true" : "false",
        ["com.docker.network.bridge.enable_ip_masquerade"] = "true",
        ["com.docker.network.bridge.host_binding_ipv4"] = _options.DefaultBindAddress.ToString(),
        ["com.docker.network.bridge.name"] = _options.Bridge,
        ["com.docker.network.driver.mtu"] = mtu.ToString(),
    };

    private void LoadSandboxes()
    {
        foreach (var record in _store.Load())
        {
            _sandboxes[record.ContainerId] = record;
            foreach (var endpoint in record.Endpoints)
            {
                foreach (var version6 in s_versions)
                {
                    if (endpoint.AddressOf(version6) is { } address)
                        ById(endpoint.NetworkId)?.Addressed?.Of(version6)?.Addresses.Restore(address);
                }
            }

            foreach (var port in record.Ports.Where(p => p.HostPort > 0))
                _ports.Restore(record.ContainerId, record.ContainerName, port.ToMapping(), record.Service);
        }
    }

    private void Adopt(IReadOnlyCollection<string> live, IReadOnlyDictionary<string, IReadOnlyList<SafeFileHandle>> kept)
    {
        foreach (var record in _sandboxes.Values.Where(e => !live.Contains(e.ContainerId)).ToList())
        {
            Lengthen(record.Endpoints);
            CloseNameServer(record.ContainerId);
            NetworkNamespace.Drop(_store.NamespacePath(record.ContainerId));
            _store.Remove(record.ContainerId);
            Forget(record);
        }

        // Made but not remembered, or remembered but not removed: a daemon was killed in between.
        foreach (var containerId in _store.Namespaces().Where(n => !_sandboxes.ContainsKey(n)))
            NetworkNamespace.Drop(_store.NamespacePath(containerId));
        RemoveUnknownLinks();
        ReopenNameServers(kept);
        AssertRules();
        Refresh();
    }

    private void ReleaseAll()
    {
        if (_networks.Count == 0)
            return; // released before
        _slots?.Dispose();
        foreach (var containerId in _sandboxes.Keys.ToList())
            Disconnect(containerId);
        if (Nft.Tables().Contains(_options.Bridge, StringComparer.Ordinal))
            Nft.Commit(new NftBatch().DeleteTable(_options.Bridge));
        foreach (var network in _networks)
        {
            if (network.Bridge is { } bridge)
                Bridge.Remove(Route, _removal, bridge.Name);
            else
                Unmake(network.Document);
        }

        TurnRoutingBack();
        foreach (var containerId in _store.Namespaces())
            NetworkNamespace.Drop(_store.NamespacePath(containerId));
        Directory.Delete(_options.ExecDirectory, recursive: true);
        _networks.Clear();
        Refresh();
    }
}
