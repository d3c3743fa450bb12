using System.Net;
using Sampan.Linux.Processes;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;
using Sampan.Network.Wires;

namespace Sampan.Network;

public sealed partial class NetworkService
{
    private const int LongestName = 255;
    private const string NoAddresses = "null";
    private const string BridgePrefix = "br-";
    private const string DummyPrefix = "dm-";
    private const int BridgeIdLength = 12;

    /// <summary>The recipe of <see cref="CreateAsync"/>, with the same numbers.</summary>
    private NetworkRecord Create(NetworkRequest request)
    {
        using var undo = new Undo();
        try
        {
            // 1. check
            CheckName(request);
            if (request.ConfigurationOnly)
                return Configure(request);
            request = Configured(request);
            CheckRequest(request);
            var isWire = WireSettings.Knows(request.Driver);
            var wire = isWire ? WireSettings.Parse(request.Driver, request.Options) : null;
            var settings = isWire ? new BridgeSettings() : BridgeSettings.Parse(request.Options);
            if (!request.Internal && s_versions.Any(v => settings.ModeOf(v) == GatewayMode.Isolated))
                throw new NetworkException(NetworkError.InvalidInput, "gateway mode 'isolated' can only be used for an internal network: say --internal too");

            // 2. choose the subnet
            var id = NewId();
            var document = new NetworkDocument
            {
                Id = id,
                Name = request.Name,
                Driver = isWire ? request.Driver : DefaultNetworks.BridgeDriver,
                Created = _time.GetUtcNow(),
                Bridge = isWire ? null : settings.Name ?? BridgePrefix + id[..BridgeIdLength],
                Parent = wire is null ? null : wire.Parent ?? DummyPrefix + id[..BridgeIdLength],
                Subnets = ChooseSubnets(request),
                Internal = request.Internal,
                Attachable = request.Attachable,
                ConfigurationName = request.ConfigurationName.Length > 0 ? request.ConfigurationName : null,
                AddressOptions = request.AddressOptions,
                Options = request.Options,
                Labels = request.Labels,
            };

            // 3. remember it: a bridge without a record would stay for ever, a record without a bridge makes one at the next start
            undo.Push(() => File.Delete(DocumentPath(id)));
            SaveDocument(document);
            FailPoint.Reach("network-create.record-stored");

            // 4. the bridge
            if (document.Bridge is { } bridge && Route.FindLink(bridge) is not null)
                throw new NetworkException(NetworkError.Conflict, $"the interface '{document.Bridge}' is there already: choose another name with the option 'com.docker.network.bridge.name'");
            undo.Push(() => Unmake(document));
            var addressed = Open(ref document);
            var network = new NetworkState(document, addressed);
            FailPoint.Reach("network-create.bridge-made");

            // 5. the firewall
            _networks.Add(network);
            undo.Push(() => _networks.Remove(network));
            AssertRules();
            FailPoint.Reach("network-create.rules-set");

            undo.Release();
            Refresh();
            return Show(network);
        }
        catch (Exception failure)
        {
            throw Tell(failure, $"create network '{request.Name}'", undo.Run());
        }
    }

    /// <summary>Removes a network; its record goes last: if the daemon dies before, the next one makes it whole again.</summary>
    private void Remove(string networkId)
    {
        var network = ById(networkId) ?? throw NotFound(networkId);
        if (network.IsPredefined)
            throw new NetworkException(NetworkError.Forbidden, $"{network.Document.Name} is a pre-defined network and cannot be removed");
        RequireUnused(network);
        var members = _sandboxes.Values.Where(s => s.On(networkId) is not null).ToList();
        if (members.Count > 0)
        {
            throw new NetworkException(
                NetworkError.Forbidden,
                $"error while removing network: network {network.Document.Name} has active endpoints ({string.Join(", ", members.Select(m => $"name:\"{m.ContainerName}\" id:\"{m.ContainerId[..Math.Min(12, m.ContainerId.Length)]}\""))})");
        }

        _networks.Remove(network);
        _services.Remove(networkId);
        AssertRules();
        FailPoint.Reach("network-remove.rules-set");
        Unmake(network.Document);
        FailPoint.Reach("network-remove.bridge-removed");
        File.Delete(DocumentPath(networkId));
        FailPoint.Reach("network-remove.record-removed");
        Refresh();
    }

    private void CheckName(NetworkRequest request)
    {
        if (request.Name.Length is 0 or > LongestName || request.Name.Trim() != request.Name || request.Name.Any(char.IsControl) || !char.IsAsciiLetterOrDigit(request.Name[0]) || !request.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
            throw new NetworkException(NetworkError.InvalidInput, $"invalid network name '{request.Name}': a letter or digit, then letters, digits, '_', '.', '-' are expected");
        if (DefaultNetworks.All.Any(d => d.Name == request.Name) || request.Name is "default" or "container")
            throw new NetworkException(NetworkError.Forbidden, $"operation is not permitted on predefined {request.Name} network");
        if (_networks.Exists(n => n.Document.Name == request.Name))
            throw new NetworkException(NetworkError.Conflict, $"network with name {request.Name} already exists");
    }

    private static void CheckRequest(NetworkRequest request)
    {
        if (request.Driver is DefaultNetworks.HostDriver or DefaultNetworks.NoneDriver)
            throw new NetworkException(NetworkError.Forbidden, $"only one instance of \"{request.Driver}\" network is allowed");
        if (request.Driver is not ("" or "default" or DefaultNetworks.BridgeDriver) && !WireSettings.Knows(request.Driver))
            throw new NetworkException(NetworkError.NotFound, $"plugin \"{request.Driver}\" not found: this engine has the network drivers 'bridge', 'macvlan' and 'ipvlan'");
        if (request.AddressDriver == NoAddresses)
            throw new NetworkException(NetworkError.InvalidInput, request.Subnets.Any(s => !string.IsNullOrEmpty(s.Subnet)) ? "null ipam driver does not handle specific address pool requests" : "ipv4 pool is empty: a network of the driver 'bridge', 'macvlan' or 'ipvlan' needs addresses, which the address driver 'null' does not give");
        if (request.AddressDriver is not ("" or "default"))
            throw new NetworkException(NetworkError.NotFound, $"plugin \"{request.AddressDriver}\" not found: this engine has the address driver 'default'");
        RequireVersions(request);
        if (request.Subnets.Count(s => !IsVersion6(s)) > 1 || request.Subnets.Count(IsVersion6) > 1)
            throw new NetworkException(NetworkError.InvalidInput, $"{(WireSettings.Knows(request.Driver) ? request.Driver : "bridge")} driver doesn't support multiple subnets");
    }

    private static void RequireVersions(NetworkRequest request)
    {
        if (request is { IPv4: false, IPv6: not true })
            throw new NetworkException(NetworkError.InvalidInput, "IPv4 or IPv6 must be enabled");
        if (request.IPv6 is not true && request.Subnets.FirstOrDefault(IsVersion6) is { Subnet: { } unwanted })
            throw new NetworkException(NetworkError.InvalidInput, $"the subnet '{unwanted}' is of version 6: say --ipv6 too");
        if (request.IPv4 is false && request.Subnets.FirstOrDefault(s => !string.IsNullOrEmpty(s.Subnet) && !IsVersion6(s)) is { Subnet: { } other })
            throw new NetworkException(NetworkError.InvalidInput, $"the subnet '{other}' is of version 4, which the network is not to have: leave out --ipv4=false");
    }

    private static bool IsVersion6(SubnetRequest wish) => wish.Subnet?.Contains(':') is true;

    private List<SubnetDocument> ChooseSubnets(NetworkRequest request)
    {
        List<SubnetDocument> subnets = [];
        if (request.IPv4 is not false)
            subnets.Add(ChooseSubnet(request.Subnets.FirstOrDefault(s => !IsVersion6(s)), version6: false));
        if (request.IPv6 is true)
            subnets.Add(ChooseSubnet(request.Subnets.FirstOrDefault(IsVersion6), version6: true));
        return subnets;
    }

    private SubnetDocument ChooseSubnet(SubnetRequest? given, bool version6)
    {
        var wish = given ?? new SubnetRequest();
        if (string.IsNullOrEmpty(wish.Subnet))
        {
            if (!string.IsNullOrEmpty(wish.Range) || !string.IsNullOrEmpty(wish.Gateway) || wish.Auxiliary.Count > 0)
                throw SubnetMissing();
            var chosen = _pools.Choose(Taken(version6), version6);
            return new SubnetDocument { Subnet = chosen.ToString(), Gateway = chosen.Host(1).ToString() };
        }

        var subnet = Parse(wish.Subnet);
        if (_networks.Find(n => n.Addressed?.Of(subnet.IsVersion6)?.Subnet.Overlaps(subnet) is true) is { } other)
            throw new NetworkException(NetworkError.Forbidden, $"invalid pool request: Pool overlaps with other one on this address space: '{subnet}' with '{other.Addressed?.Of(subnet.IsVersion6)?.Subnet}' of network '{other.Document.Name}'");
        return Describe(wish, subnet);
    }

    private static NetworkException SubnetMissing() =>
        new(NetworkError.InvalidInput, "a range, a gateway or an auxiliary address needs the subnet it is in: give it with --subnet");

    private static Subnet Parse(string text)
    {
        if (!Subnet.TryParse(text, out var subnet, out var named))
            throw new NetworkException(NetworkError.InvalidInput, $"invalid subnet '{text}': invalid CIDR block notation, an address and a prefix of 1 to {Subnet.LongestPrefix} bits like '172.28.0.0/16', or like 'fd00:1::/64', are expected");
        return named.Equals(subnet.Network)
            ? subnet
            : throw new NetworkException(NetworkError.InvalidInput, $"invalid network config:\ninvalid subnet {text}: it should be {subnet}");
    }

    private static SubnetDocument Describe(SubnetRequest wish, Subnet subnet)
    {
        Subnet? range = null;
        if (!string.IsNullOrEmpty(wish.Range))
        {
            range = Subnet.TryParse(wish.Range, out var part, out _) && subnet.Contains(part)
                ? part
                : throw new NetworkException(NetworkError.InvalidInput, $"invalid ip-range '{wish.Range}': a part of the subnet '{subnet}' is expected");
        }

        var auxiliary = wish.Auxiliary.ToDictionary(a => a.Key, a => HostIn(subnet, a.Value, $"auxiliary address '{a.Key}'"), StringComparer.Ordinal);
        IPAddress gateway;
        if (!string.IsNullOrEmpty(wish.Gateway))
        {
            gateway = HostIn(subnet, wish.Gateway, "gateway");
        }
        else
        {
            var taken = auxiliary.Values.ToHashSet();
            var first = UInt128.Max(1, subnet.NumberOf(range?.Network ?? subnet.Network));
            gateway = Enumerable.Range(0, taken.Count + 1).Select(i => subnet.Host(first + (UInt128)i)).First(a => !taken.Contains(a));
        }

        if (auxiliary.FirstOrDefault(a => a.Value.Equals(gateway)) is { Key: { } name })
            throw new NetworkException(NetworkError.Conflict, $"the auxiliary address '{name}' is the gateway's: '{gateway}'");
        return new SubnetDocument
        {
            Subnet = subnet.ToString(),
            Gateway = gateway.ToString(),
            Range = range?.ToString(),
            Auxiliary = auxiliary.ToDictionary(a => a.Key, a => a.Value.ToString(), StringComparer.Ordinal),
        };
    }

    private static IPAddress HostIn(Subnet subnet, string text, string what) =>
        Subnet.TryParseAddress(text, out var address) && subnet.Contains(address) && !address.Equals(subnet.Network) && !address.Equals(subnet.Broadcast)
            ? address
            : throw new NetworkException(NetworkError.InvalidInput, $"invalid {what} '{text}': a host's address in the subnet '{subnet}' is expected");

    /// <summary>What a new subnet must not overlap: the other networks', and whatever the host has a route to.</summary>
    private List<(IPAddress Network, int PrefixLength)> Taken(bool version6) =>
    [
        .. _networks.Select(n => n.Addressed?.Of(version6)).OfType<BridgeSubnet>().Select(s => (s.Subnet.Network, s.Subnet.PrefixLength)),
        .. Route.Routes(version6).Where(r => r.PrefixLength > 0).Select(r => (r.Destination, r.PrefixLength)),
    ];

    /// <summary>Makes or finds what a record describes; the record is told whether its parent had to be made.</summary>
    private AddressedNetwork Open(ref NetworkDocument document)
    {
        if (!WireSettings.Knows(document.Driver))
            return OpenBridge(document);
        if (document.Parent is not { } parent)
            throw new NetworkException(NetworkError.Internal, $"the record of network '{document.Name}' has no parent: remove '{DocumentPath(document.Id)}'");
        var id = document.Id;
        if (_networks.Find(n => n.Document.Parent == parent && n.Document.Id != id) is { } other)
            throw new NetworkException(NetworkError.Forbidden, $"network {other.Document.Name} is already using parent interface {parent}");
        var settings = WireSettings.Parse(document.Driver, document.Options);
        var (index, made) = ParentLink.Ensure(Route, parent, isDummy: settings.Parent is null);
        if (made && !document.ParentMade)
        {
            document = document with { ParentMade = true };
            SaveDocument(document);
        }

        var described = document;
        var subnets = document.Subnets.Select(s => Side(described, s)).ToList();
        return new WireNetwork
        {
            ParentIndex = index,
            Settings = settings,
            Version4 = subnets.Find(s => !s.Subnet.IsVersion6),
            Version6 = subnets.Find(s => s.Subnet.IsVersion6),
            Mtu = Route.FindLink(parent)?.Mtu ?? Bridge.HostMtu(Route),
            IsInternal = document.Internal || settings.Parent is null,
        };
    }

    private void Unmake(NetworkDocument document)
    {
        if (document.Bridge is { } bridge)
        {
            if (_shortcut is not null && Route.FindLink(bridge) is { } known)
                _shortcut.ForgetBridge(known.Index);
            Bridge.Remove(Route, _removal, bridge);
        }

        if (document is { Parent: { } parent, ParentMade: true } && Route.FindLink(parent) is { } link)
            _removal.Remove(Route, link);
    }

    /// <summary>Makes or finds the bridge that a record describes.</summary>
    private BridgeNetwork OpenBridge(NetworkDocument document)
    {
        var subnets = document.Subnets.Select(s => Side(document, s)).ToList();
        if (document is not { Bridge: { } name } || subnets.Count == 0)
            throw new NetworkException(NetworkError.Internal, $"the record of network '{document.Name}' has no bridge or subnet: remove '{DocumentPath(document.Id)}'");
        var settings = BridgeSettings.Parse(document.Options);
        var mtu = settings.Mtu ?? _options.Mtu ?? Bridge.HostMtu(Route);
        if (subnets.Exists(s => s.Subnet.IsVersion6))
            TurnRouting6On();
        var bridge = new BridgeNetwork
        {
            Name = name,
            Index = Bridge.Ensure(Route, name, [.. subnets.Where(s => settings.HasAddress(s.Subnet.IsVersion6)).Select(s => (s.Gateway, s.Subnet))], mtu),
            Version4 = subnets.Find(s => !s.Subnet.IsVersion6),
            Version6 = subnets.Find(s => s.Subnet.IsVersion6),
            Mtu = mtu,
            IsInternal = document.Internal,
            ObeysHost = settings.ObeysHost ?? _options.HostPolicy,
            Settings = settings,
        };
        TryShortenFromHost(bridge);
        return bridge;
    }

    private BridgeSubnet Side(NetworkDocument document, SubnetDocument described)
    {
        if (!Subnet.TryParse(described.Subnet, out var subnet, out _))
            throw new NetworkException(NetworkError.Internal, $"the record of network '{document.Name}' has no subnet '{described.Subnet}': remove '{DocumentPath(document.Id)}'");
        var gateway = IPAddress.Parse(described.Gateway);
        Subnet? range = described.Range is { } text && Subnet.TryParse(text, out var part, out _) ? part : null;
        return new BridgeSubnet
        {
            Subnet = subnet,
            Gateway = gateway,
            Addresses = new AddressPool(subnet, gateway, document.Name, range, [.. described.Auxiliary.Values.Select(IPAddress.Parse)]),
            Document = described,
        };
    }

    private string DocumentPath(string id) => Path.Combine(_options.StateDirectory, id + ".json");

    private NetworkState? ById(string id) => _networks.Find(n => n.Document.Id == id);

    private static NetworkException NotFound(string network) => new(NetworkError.NotFound, $"network {network} not found");
}
