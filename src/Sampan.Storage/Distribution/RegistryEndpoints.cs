using System.Net;
using System.Net.Sockets;
using Sampan.Oci.Images;

namespace Sampan.Storage.Distribution;

/// <summary>Finds where a repository can be: its mirrors in order, then the registry itself.</summary>
internal sealed class RegistryEndpoints(RegistryOptions options)
{
    /// <summary>Where to pull from.</summary>
    internal async Task<IReadOnlyList<RegistryEndpoint>> ForPullAsync(ImageReference reference, CancellationToken ct)
    {
        var endpoints = new List<RegistryEndpoint>();
        foreach (var mirror in options.Mirrors)
        {
            if (mirror.Map(reference.Domain, reference.Path) is not { } repository)
                continue;
            endpoints.Add(new RegistryEndpoint
            {
                Base = mirror.Location,
                Repository = repository,
                Host = mirror.Location.Authority,
                SkipVerify = await IsInsecureAsync(mirror.Location.Authority, ct),
                Namespace = mirror.Source[0] == '*' ? reference.Domain : null,
                IsMirror = true,
            });
        }
        endpoints.AddRange(await OriginAsync(reference.Domain, reference.Path, ct));
        return endpoints;
    }

    /// <summary>The registry itself; without TLS as the second choice if that is allowed.</summary>
    internal async Task<IReadOnlyList<RegistryEndpoint>> OriginAsync(string domain, string repository, CancellationToken ct)
    {
        var secure = new RegistryEndpoint
        {
            Base = domain == options.Default.Domain ? options.Default.Api : new Uri($"https://{domain}/"),
            Repository = repository,
            Host = domain == options.Default.Domain ? options.Default.Api.Authority : domain,
        };
        if (domain == options.Default.Domain || !await IsInsecureAsync(domain, ct))
            return [secure];
        return [secure with { SkipVerify = true }, secure with { Base = new Uri($"http://{domain}/") }];
    }

    /// <summary>True if a registry may be talked to without TLS or with an unknown certificate.</summary>
    internal async Task<bool> IsInsecureAsync(string domain, CancellationToken ct)
    {
        var colon = domain.LastIndexOf(':');
        var host = colon > domain.LastIndexOf(']') ? domain[..colon] : domain;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || options.Insecure.Contains(domain, StringComparer.OrdinalIgnoreCase) || options.Insecure.Contains(host, StringComparer.OrdinalIgnoreCase))
            return true;
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
            return IsInsecure(address);
        if (!options.Insecure.Any(entry => entry.Contains('/')))
            return false;
        try
        {
            return (await Dns.GetHostAddressesAsync(host, ct)).Any(IsInsecure);
        }
        catch (SocketException)
        {
            // Told when the registry is connected to; until then it is one like any other.
            return false;
        }
    }

    private bool IsInsecure(IPAddress address) =>
        IPAddress.IsLoopback(address) || options.Insecure.Any(entry => entry.Contains('/') && IPNetwork.TryParse(entry, out var network) && network.Contains(address));
}
