using Sampan.Network.Bridges;

namespace Sampan.Network;

/// <content>Networks that are no networks but what others are made from: <c>--config-only</c>, <c>--config-from</c>.</content>
public sealed partial class NetworkService
{
    /// <summary>Keeps a configuration. Whether its subnets are free, and whether a driver knows its options, shows when a network is made from it.</summary>
    private NetworkRecord Configure(NetworkRequest request)
    {
        if (request.ConfigurationName.Length > 0)
            throw new NetworkException(NetworkError.Forbidden, "a configuration network cannot depend on another configuration network");
        if (request.Internal || request.Attachable)
            throw new NetworkException(NetworkError.Forbidden, "configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.");
        RequireVersions(request);
        foreach (var wish in request.Subnets)
            Check(wish);

        var document = new NetworkDocument
        {
            Id = NewId(),
            Name = request.Name,
            Driver = DefaultNetworks.NoneDriver,
            Created = _time.GetUtcNow(),
            Configuration = new ConfigurationDocument { Subnets = request.Subnets, IPv4 = request.IPv4, IPv6 = request.IPv6, AddressOptions = request.AddressOptions },
            Options = request.Options,
            Labels = request.Labels,
        };
        SaveDocument(document);
        var network = new NetworkState(document, null);
        _networks.Add(network);
        Refresh();
        return Show(network);
    }

    /// <summary>The request with what the configuration says that it names.</summary>
    private NetworkRequest Configured(NetworkRequest request)
    {
        if (request.ConfigurationName.Length == 0)
            return request;
        if (_networks.Find(n => n.Document is { Configuration: not null } d && d.Name == request.ConfigurationName)?.Document is not { Configuration: { } kept } document)
            throw new NetworkException(NetworkError.NotFound, $"configuration network \"{request.ConfigurationName}\" does not exist");
        if (request.Subnets.Count > 0 || request.Labels.Count > 0 || request.AddressOptions.Count > 0 || request.AddressDriver is not ("" or "default") || request.IPv6 is true || request.IPv4 is false)
            throw new NetworkException(NetworkError.Forbidden, "user specified configurations are not supported if the network depends on a configuration network");
        if (request.Options.Count > 0)
            throw new NetworkException(NetworkError.Forbidden, "network driver options are not supported if the network depends on a configuration network");
        return request with { Subnets = kept.Subnets, IPv4 = kept.IPv4, IPv6 = kept.IPv6, AddressOptions = kept.AddressOptions, Options = document.Options, Labels = document.Labels };
    }

    private void RequireUnused(NetworkState network)
    {
        if (network.Document.Configuration is not null && _networks.Exists(n => n.Document.ConfigurationName == network.Document.Name))
            throw new NetworkException(NetworkError.Forbidden, $"error while removing network: configuration network \"{network.Document.Name}\" is in use");
    }

    private static void Check(SubnetRequest wish)
    {
        if (!string.IsNullOrEmpty(wish.Subnet))
            Describe(wish, Parse(wish.Subnet));
        else if (!string.IsNullOrEmpty(wish.Range) || !string.IsNullOrEmpty(wish.Gateway) || wish.Auxiliary.Count > 0)
            throw SubnetMissing();
    }
}
