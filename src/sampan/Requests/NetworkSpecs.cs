using Sampan.Cli.Arguments;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Networks;
using O = Sampan.Cli.Requests.CreateOptions;

namespace Sampan.Cli.Requests;

/// <summary>Reader of --network in both forms, and of the options that speak of the first network.</summary>
internal static class NetworkSpecs
{
    public static (string Mode, NetworkingConfig? Networking) Build(ParsedArguments a)
    {
        List<(string Name, EndpointSettings Endpoint)> networks = [.. a.Get(O.Network).Concat(a.Get(O.Net)).Select(Parse)];
        string mode = networks.Count == 0 ? "default" : networks[0].Name;
        if (networks.GroupBy(n => n.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new FormatException($"network \"{twice.Key}\" is specified multiple times");
        IReadOnlyList<string> aliases = [.. a.Get(O.NetworkAlias), .. a.Get(O.NetAlias)];
        bool wishes = aliases.Count > 0 || a.Get(O.Ip).Length > 0 || a.Get(O.Ip6).Length > 0 || a.Get(O.LinkLocalIp).Count > 0 || a.Get(O.MacAddress).Length > 0;
        if (networks.Count == 0 && !wishes) return (mode, null);
        if (networks.Count == 0) networks.Add(("default", new EndpointSettings()));
        var first = networks[0].Endpoint;
        Once(aliases.Count > 0 && first.Aliases is not null, "--network-alias", "alias");
        Once(a.Get(O.Ip).Length > 0 && first.IPAMConfig?.IPv4Address is not null, "--ip", "IPv4 address");
        Once(a.Get(O.Ip6).Length > 0 && first.IPAMConfig?.IPv6Address is not null, "--ip6", "IPv6 address");
        Once(a.Get(O.MacAddress).Length > 0 && first.MacAddress is { Length: > 0 }, "--mac-address", "MAC address");
        Once(a.Get(O.LinkLocalIp).Count > 0 && first.IPAMConfig?.LinkLocalIPs is not null, "--link-local-ip", "link-local IP addresses");
        if (wishes && !IsOwnNetwork(networks[0].Name) && networks[0].Name is "host" or "none" && (aliases.Count > 0 || a.Get(O.Ip).Length > 0))
            throw new FormatException($"conflicting options: cannot give network '{networks[0].Name}' an address or alias");
        networks[0] = (networks[0].Name, first with
        {
            Aliases = aliases.Count > 0 ? [.. first.Aliases ?? [], .. aliases] : first.Aliases,
            MacAddress = a.Get(O.MacAddress) is { Length: > 0 } mac ? mac : first.MacAddress,
            Links = a.Get(O.Link).Count > 0 && IsOwnNetwork(networks[0].Name) ? a.Get(O.Link) : first.Links,
            IPAMConfig = a.Get(O.Ip).Length > 0 || a.Get(O.Ip6).Length > 0 || a.Get(O.LinkLocalIp).Count > 0
                ? new EndpointIpamConfig { IPv4Address = Or(a.Get(O.Ip), first.IPAMConfig?.IPv4Address), IPv6Address = Or(a.Get(O.Ip6), first.IPAMConfig?.IPv6Address), LinkLocalIPs = a.Get(O.LinkLocalIp).Count > 0 ? a.Get(O.LinkLocalIp) : null }
                : first.IPAMConfig,
        });
        return (mode, new NetworkingConfig { EndpointsConfig = networks.ToDictionary(n => n.Name, n => (EndpointSettings?)n.Endpoint, StringComparer.Ordinal) });
    }

    // Said of the network by itself and in its --network: which holds is for the user to say.
    private static void Once(bool isTwice, string option, string what)
    {
        if (isTwice) throw new FormatException($"conflicting options: cannot specify both {option} and per-network {what}");
    }

    private static string? Or(string text, string? other) => text.Length > 0 ? text : other;

    private static bool IsOwnNetwork(string name) => name is not ("default" or "bridge" or "host" or "none") && !name.StartsWith("container:", StringComparison.Ordinal);

    internal static (string Name, EndpointSettings Endpoint) Parse(string text)
    {
        if (text.Length == 0) throw new FormatException("no name set for network");
        if (!text.Contains('=')) return (text, new EndpointSettings());
        string name = "";
        var endpoint = new EndpointSettings();
        var ipam = new EndpointIpamConfig();
        var driver = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string field in MountSpecs.Csv(text))
        {
            string[] pair = field.Split('=', 2);
            string value = pair.Length == 2 ? pair[1].Trim() : throw new FormatException($"invalid field {field}");
            switch (pair[0].Trim().ToLowerInvariant())
            {
                case "name":
                    name = value;
                    break;
                case "alias":
                    endpoint = endpoint with { Aliases = [.. endpoint.Aliases ?? [], value] };
                    break;
                case "ip":
                    ipam = ipam with { IPv4Address = value };
                    break;
                case "ip6":
                    ipam = ipam with { IPv6Address = value };
                    break;
                case "mac-address":
                    endpoint = endpoint with { MacAddress = value };
                    break;
                case "link-local-ip":
                    ipam = ipam with { LinkLocalIPs = [.. ipam.LinkLocalIPs ?? [], value] };
                    break;
                case "gw-priority":
                    endpoint = endpoint with { GwPriority = Values.Integer(value) };
                    break;
                case "driver-opt" when value.Split('=', 2) is [var key, var setting]:
                    driver[key.ToLowerInvariant()] = setting;
                    break;
                default:
                    throw new FormatException($"invalid field key {pair[0]}");
            }
        }
        if (name.Length == 0) throw new FormatException($"invalid network '{text}': it has no name=");
        return (name, endpoint with { IPAMConfig = ipam == new EndpointIpamConfig() ? null : ipam, DriverOpts = driver.Count > 0 ? driver : null });
    }
}
