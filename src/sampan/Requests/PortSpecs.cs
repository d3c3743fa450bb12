using System.Globalization;
using Sampan.Cli.Arguments;
using Sampan.DockerApi;
using Sampan.DockerApi.Containers;

namespace Sampan.Cli.Requests;

/// <summary>Readers of -p and --expose: [[address:]host-port:]port[/protocol], ports may be ranges.</summary>
internal static class PortSpecs
{
    /// <summary>Adds what one -p asks for.</summary>
    public static void Publish(string spec, Dictionary<string, EmptyObject?> exposed, Dictionary<string, IReadOnlyList<PortBinding>?> bindings)
    {
        if (spec.Contains('=')) spec = FromLongForm(spec);
        (string address, string hostPorts, string containerPorts, string protocol) = Split(spec);
        if (address.Length > 0 && !Values.IsAddress(address)) throw new FormatException($"invalid IP address: {address}");
        if (containerPorts.Length == 0) throw new FormatException($"no port specified: {spec}<empty>");
        var (from, to) = Range(containerPorts, "containerPort");
        (int hostFrom, int hostTo) = hostPorts.Length == 0 ? (0, 0) : Range(hostPorts, "hostPort");
        // One port on a range of the host is "any of these"; otherwise the ranges go hand in hand.
        if (hostPorts.Length > 0 && hostTo - hostFrom != to - from && from != to)
            throw new FormatException($"invalid ranges specified for container and host Ports: {containerPorts} and {hostPorts}");
        for (int i = 0; i <= to - from; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"{from + i}/{protocol}");
            string hostPort = hostPorts.Length == 0 ? ""
                : from == to && hostTo != hostFrom ? string.Create(CultureInfo.InvariantCulture, $"{hostFrom}-{hostTo}")
                : (hostFrom + i).ToString(CultureInfo.InvariantCulture);
            exposed[key] = new EmptyObject();
            bindings[key] = [.. bindings.GetValueOrDefault(key) ?? [], new PortBinding { HostIp = address, HostPort = hostPort }];
        }
    }

    /// <summary>Adds what one --expose asks for.</summary>
    public static void Expose(string spec, Dictionary<string, EmptyObject?> exposed)
    {
        if (spec.Contains(':')) throw new FormatException($"invalid port format for --expose: {spec}");
        (_, _, string ports, string protocol) = Split(spec);
        var (from, to) = Range(ports, "--expose");
        for (int port = from; port <= to; port++) exposed[string.Create(CultureInfo.InvariantCulture, $"{port}/{protocol}")] = new EmptyObject();
    }

    private static (string Address, string HostPorts, string ContainerPorts, string Protocol) Split(string spec)
    {
        string protocol = "tcp";
        int slash = spec.LastIndexOf('/');
        if (slash >= 0)
        {
            protocol = spec[(slash + 1)..].ToLowerInvariant();
            spec = spec[..slash];
        }
        if (protocol is not ("tcp" or "udp" or "sctp")) throw new FormatException($"invalid proto: {protocol}");
        int last = spec.LastIndexOf(':');
        if (last < 0) return ("", "", spec, protocol);
        string container = spec[(last + 1)..];
        string rest = spec[..last];
        int before = rest.LastIndexOf(':');
        if (before < 0) return ("", rest, container, protocol);
        return (rest[..before].Trim('[', ']'), rest[(before + 1)..], container, protocol);
    }

    /// <summary>target=80,published=8080,protocol=tcp</summary>
    private static string FromLongForm(string spec)
    {
        string target = "", published = "", protocol = "tcp";
        foreach (string field in spec.Split(','))
        {
            int equals = field.IndexOf('=');
            string name = equals < 0 ? field : field[..equals].ToLowerInvariant();
            string value = equals < 0 ? "" : field[(equals + 1)..];
            switch (name)
            {
                case "target":
                    target = value;
                    break;
                case "published":
                    published = value;
                    break;
                case "protocol":
                    protocol = value;
                    break;
                case "mode" when value is "host" or "ingress":
                    break;
                default:
                    throw new FormatException($"invalid field key {name} in port '{spec}'");
            }
        }
        return target.Length == 0 ? throw new FormatException($"invalid field port: '{spec}' has no target") : $"{published}{(published.Length > 0 ? ":" : "")}{target}/{protocol}";
    }

    private static (int From, int To) Range(string text, string what)
    {
        string[] ends = text.Split('-');
        if (ends.Length <= 2 && Port(ends[0]) is { } from && Port(ends[^1]) is { } to && from <= to) return (from, to);
        throw new FormatException($"invalid {what}: {text}");
    }

    private static int? Port(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 0 and <= 65535 ? port : null;
}
