using System.Globalization;
using Sampan.DockerApi.Networks;
using Sampan.Engine.Networks;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Networks;

/// <summary>Makes Docker's words from what the engine knows of a network.</summary>
internal static class NetworkMapper
{
    /// <summary>A network.</summary>
    /// <param name="network">What the engine knows.</param>
    /// <param name="containers">With who is on it: in full, not in lists.</param>
    internal static NetworkInspect ToInspect(NetworkSnapshot network, bool containers) => new()
    {
        Name = network.Name,
        Id = network.Id,
        Created = Timestamp.Write(network.Created),
        Scope = "local",
        Driver = network.Driver,
        EnableIPv4 = network.IPv4,
        EnableIPv6 = network.IPv6,
        IPAM = new Ipam
        {
            Driver = "default",
            Options = network.IsPredefined ? null : network.AddressOptions,
            Config = [.. network.Subnets.Select(s => new IpamConfig { Subnet = s.Subnet, Gateway = s.Gateway, IPRange = s.Range, AuxiliaryAddresses = s.Auxiliary.Count == 0 ? null : s.Auxiliary })],
        },
        Internal = network.Internal,
        Attachable = network.Attachable,
        ConfigFrom = new ConfigReference { Network = network.ConfigurationName ?? "" },
        ConfigOnly = network.IsConfiguration,
        Containers = containers ? network.Containers.ToDictionary(c => c.Key, c => ToResource(network, c.Key), StringComparer.Ordinal) : null,
        Services = containers && network.Services.Count > 0 ? network.Services.ToDictionary(s => s.Name, ToResource, StringComparer.Ordinal) : null,
        Status = containers && !network.IsConfiguration ? SubnetCount.Of(network) : null,
        Shortcut = containers ? network.Shortcut : null,
        Options = network.Options,
        Labels = network.Labels,
    };

    private static ServiceResource ToResource(ServiceSnapshot service) => new()
    {
        VIP = service.Address ?? service.Address6 ?? "",
        VIP6 = service.Address is null ? null : service.Address6,
        Names = service.Names,
        Ports = [.. service.Tasks.SelectMany(t => t.Ports).Select(p => string.Create(CultureInfo.InvariantCulture, $"Target: {p.Port.Number}, Publish: {p.HostPort}")).Distinct(StringComparer.Ordinal)],
        Tasks =
        [
            .. service.Tasks.Select(t => new ServiceTaskResource
            {
                Name = t.ContainerName,
                EndpointID = t.EndpointId,
                EndpointIP = t.Address ?? "",
                Info = new Dictionary<string, string>(StringComparer.Ordinal) { ["Ready"] = t.IsReady ? "true" : "false" },
            }),
        ],
    };

    private static EndpointResource ToResource(NetworkSnapshot network, string container)
    {
        var endpoint = network.Containers[container];
        return new EndpointResource
        {
            Name = network.ContainerNames.GetValueOrDefault(container) ?? "",
            EndpointID = endpoint.EndpointId,
            MacAddress = endpoint.MacAddress ?? "",
            IPv4Address = endpoint.Address is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{endpoint.Address}/{endpoint.PrefixLength}"),
            IPv6Address = endpoint.Address6 is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{endpoint.Address6}/{endpoint.PrefixLength6}"),
        };
    }
}
