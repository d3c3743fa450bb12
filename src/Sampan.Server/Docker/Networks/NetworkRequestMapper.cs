using Sampan.DockerApi.Networks;
using Sampan.Engine;
using Sampan.Engine.Containers;
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
        Refuse("ConfigOnly", request.ConfigOnly);
        Refuse("ConfigFrom", request.ConfigFrom is { Network.Length: > 0 });
        Refuse("Ingress", request.Ingress);
        Refuse($"Scope: {request.Scope}", request.Scope is not ("" or "local"));
        return new NetworkWishes
        {
            Name = request.Name,
            Driver = request.Driver,
            Subnets = [.. (request.IPAM?.Config ?? []).Select(c => new SubnetSnapshot(c.Subnet ?? "", c.Gateway, c.IPRange) { Auxiliary = c.AuxiliaryAddresses ?? new Dictionary<string, string>() })],
            IPv4 = request.EnableIPv4,
            IPv6 = request.EnableIPv6,
            Internal = request.Internal,
            Attachable = request.Attachable,
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

    private static void Refuse(string member, bool asked)
    {
        if (asked)
            throw new EngineException(ErrorKind.NotSupported, $"'{member}' of a network is not supported by this engine");
    }
}
