using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;
using Sampan.DockerApi.Networks;

namespace Sampan.Compose.Running;

internal static partial class ContainerRequests
{
    /// <summary>The networks of a service by their names in the engine, the one that comes first in front.</summary>
    internal static IReadOnlyList<(string Name, EndpointSettings Endpoint)> Endpoints(Project project, Service service, string name, RequestContext context)
    {
        // Aliases of containers that share an address mean that address; the engine knows each by its own name too.
        string[] aliases = context.Slug is not null ? [name] : service.IsVirtual ? [service.Name] : [name, service.Name];
        var links = Links(project, service, context);
        return
        [
            .. (service.Tree.Map("networks")?.Members ?? [])
                .OrderByDescending(m => (m.Value as Mapping)?.Long("priority") ?? 0).ThenBy(m => m.Key, StringComparer.Ordinal)
                .Select((m, i) => (project.Networks[m.Key].Text("name") ?? m.Key, Endpoint(m.Value as Mapping ?? Mapping.Empty, aliases, links, i == 0 ? service.Tree.Text("mac_address") : null))),
        ];
    }

    private static (string Mode, Dictionary<string, EndpointSettings?>? Endpoints) Networks(Project project, Service service, string name, RequestContext context)
    {
        if (service.Tree.Text("network_mode") is { } mode) return (Shared(mode, context), null);
        var endpoints = Endpoints(project, service, name, context);
        if (endpoints.Count == 0) return ("none", null);
        return (endpoints[0].Name, endpoints.Take(context.HasManyEndpoints ? int.MaxValue : 1).ToDictionary(e => e.Name, e => (EndpointSettings?)e.Endpoint, StringComparer.Ordinal));
    }

    private static EndpointSettings Endpoint(Mapping network, string[] aliases, IReadOnlyList<string>? links, string? mac)
    {
        bool hasAddress = network["ipv4_address"] is not null || network["ipv6_address"] is not null || network["link_local_ips"] is not null;
        var options = network.Pairs("driver_opts");
        if (network.Text("interface_name") is { } device) options = new Dictionary<string, string>(options, StringComparer.Ordinal) { ["com.docker.network.endpoint.ifname"] = device };
        return new EndpointSettings
        {
            Aliases = [.. aliases.Concat(network.Texts("aliases")).Distinct(StringComparer.Ordinal)],
            Links = links,
            MacAddress = network.Text("mac_address") ?? mac ?? "",
            GwPriority = network.Long("gw_priority") ?? 0,
            DriverOpts = options.Count > 0 ? options : null,
            IPAMConfig = hasAddress ? new EndpointIpamConfig { IPv4Address = network.Text("ipv4_address"), IPv6Address = network.Text("ipv6_address"), LinkLocalIPs = network["link_local_ips"] is null ? null : network.Texts("link_local_ips") } : null,
        };
    }

    private static List<string>? Links(Project project, Service service, RequestContext context)
    {
        var links = new List<string>();
        foreach (string link in service.Tree.Texts("links"))
        {
            string[] parts = link.Split(':');
            if (!project.Services.TryGetValue(parts[0], out var other)) continue;
            foreach (string id in context.ContainersOf(other.Name)) links.Add($"{id}:{(parts.Length > 1 ? parts[1] : parts[0])}");
        }
        foreach (string link in service.Tree.Texts("external_links")) links.Add(link.Contains(':') ? link : $"{link}:{link}");
        return links.Count == 0 ? null : links;
    }

    /// <summary>A namespace that may be another service's: <c>service:db</c> becomes <c>container:ID</c>.</summary>
    private static string Shared(string mode, RequestContext context) =>
        mode.StartsWith("service:", StringComparison.Ordinal)
            ? context.ContainersOf(mode[8..]) is [var first, ..] ? "container:" + first : throw new ComposeException($"'{mode}': the service has no container whose namespace could be shared")
            : mode;
}
