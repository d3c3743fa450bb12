using Sampan.DockerApi.Networks;
using Sampan.Engine;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Networks;
using Sampan.Server.Docker.Containers;

namespace Sampan.Server.Docker.Networks;

/// <summary>Turns Docker's requests about networks into the engine's wishes.</summary>
internal static class NetworkRequestMapper
{
    /// <summary>What a new network is to be.</summary>
    /// <exception cref="EngineException">Something is asked for that this engine has not.</exception>
    internal static NetworkWishes ToWishes(NetworkCreateRequest request)
    {
        if (request.ConfigOnly && (request.Ingress || request.Scope.Length > 0))
            throw new EngineException(ErrorKind.Forbidden, "configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.");
        if (request.Ingress)
            throw new EngineException(ErrorKind.Forbidden, "Ingress network can only be global scope network: that needs a swarm, which this engine is no part of");
        if (request.Scope is not ("" or "local"))
            throw new EngineException(ErrorKind.Forbidden, $"cannot create a swarm scoped network when swarm is not active: leave out the scope '{request.Scope}'");
        return new NetworkWishes
        {
            Name = request.Name,
            Driver = request.Driver,
            Subnets = [.. (request.IPAM?.Config ?? []).Select(c => new SubnetSnapshot(c.Subnet ?? "", c.Gateway, c.IPRange) { Auxiliary = c.AuxiliaryAddresses ?? new Dictionary<string, string>() })],
            IPv4 = request.EnableIPv4,
            IPv6 = request.EnableIPv6,
            Internal = request.Internal,
            Attachable = request.Attachable,
            ConfigurationOnly = request.ConfigOnly,
            ConfigurationName = request.ConfigFrom?.Network ?? "",
            AddressDriver = request.IPAM?.Driver ?? "",
            AddressOptions = request.IPAM?.Options ?? new Dictionary<string, string>(),
            Options = request.Options ?? new Dictionary<string, string>(),
            Labels = request.Labels ?? new Dictionary<string, string>(),
        };
    }

    /// <summary>What a container is to have on a network.</summary>
    /// <exception cref="EngineException">Something is asked for that this engine has not.</exception>
    internal static EndpointWish ToWish(string network, EndpointSettings? settings)
    {
        var problems = new Problems();
        var wish = ContainerRequestMapper.MapEndpoint(network, settings ?? new EndpointSettings(), problems);
        problems.Throw();
        return wish;
    }
}
