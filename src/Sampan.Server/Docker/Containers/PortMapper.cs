using System.Globalization;
using Sampan.DockerApi;
using Sampan.DockerApi.Containers;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;

namespace Sampan.Server.Docker.Containers;

/// <summary>Ports between Docker's texts and the engine's numbers.</summary>
internal static class PortMapper
{
    /// <summary>Reads <c>ExposedPorts</c>, whose keys may be ranges: <c>8000-8010/tcp</c>.</summary>
    internal static IReadOnlyList<ContainerPort> Exposed(IReadOnlyDictionary<string, EmptyObject?>? ports, Problems problems)
    {
        var exposed = new List<ContainerPort>();
        foreach (var text in ports?.Keys ?? [])
        {
            var slash = text.IndexOf('/');
            var numbers = slash < 0 ? text : text[..slash];
            var protocol = slash < 0 ? "" : text[slash..];
            var dash = numbers.IndexOf('-');
            if (ContainerPort.TryParse(text, out var port))
                exposed.Add(port);
            else if (dash > 0 && ContainerPort.TryParse(numbers[..dash] + protocol, out var first) && ContainerPort.TryParse(numbers[(dash + 1)..] + protocol, out var last) && first.Number <= last.Number)
                exposed.AddRange(Enumerable.Range(first.Number, last.Number - first.Number + 1).Select(n => first with { Number = (ushort)n }));
            else
                problems.Invalid($"invalid port specification: '{text}': expected 1 to 65535 with '/tcp', '/udp' or '/sctp'");
        }

        return exposed;
    }

    /// <summary>Reads <c>PortBindings</c>. A port without bindings is published at any that is free.</summary>
    internal static IReadOnlyList<PublishedPort> Published(IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>? bindings, Problems problems)
    {
        var published = new List<PublishedPort>();
        foreach (var (text, wishes) in bindings ?? new Dictionary<string, IReadOnlyList<PortBinding>?>())
        {
            if (!ContainerPort.TryParse(text, out var port))
            {
                problems.Invalid($"invalid port specification: '{text}': expected 1 to 65535 with '/tcp', '/udp' or '/sctp'");
                continue;
            }

            foreach (var wish in wishes is { Count: > 0 } ? wishes : [new PortBinding()])
            {
                if (!TryReadRange(wish.HostPort, out var first, out var last))
                    problems.Invalid($"invalid port specification: '{wish.HostPort}' for port '{text}': expected a port or a range of ports from 0 to 65535");
                else
                    published.Add(new PublishedPort { Port = port, HostAddress = ContainerRequestMapper.Given(wish.HostIp), HostPort = first, HostPortEnd = last });
            }
        }

        return published;
    }

    /// <summary>Reads ports named alone: <c>9090/tcp</c>.</summary>
    internal static IReadOnlyList<ContainerPort> Named(IReadOnlyList<string>? ports, Problems problems)
    {
        var named = new List<ContainerPort>();
        foreach (var text in ports ?? [])
        {
            if (ContainerPort.TryParse(text, out var port))
                named.Add(port);
            else
                problems.Invalid($"invalid port specification: '{text}': expected 1 to 65535 with '/tcp', '/udp' or '/sctp'");
        }

        return named;
    }

    /// <summary>The wishes as Docker shows them.</summary>
    internal static IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> ToBindings(IEnumerable<PublishedPort> ports)
    {
        var bindings = new Dictionary<string, IReadOnlyList<PortBinding>?>(StringComparer.Ordinal);
        foreach (var group in ports.GroupBy(p => p.Port))
        {
            bindings[group.Key.ToString()] =
            [
                .. group.Select(p => new PortBinding
                {
                    HostIp = p.HostAddress ?? "",
                    HostPort = p.HostPort is not { } first ? ""
                        : p.HostPortEnd is { } last && last != first ? string.Create(CultureInfo.InvariantCulture, $"{first}-{last}")
                        : first.ToString(CultureInfo.InvariantCulture),
                }),
            ];
        }

        return bindings;
    }

    /// <summary>The ports in force, with null for exposed ones that are not published, as in <c>NetworkSettings.Ports</c>.</summary>
    internal static IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> ToPorts(ContainerSnapshot container)
    {
        var ports = new SortedDictionary<string, IReadOnlyList<PortBinding>?>(StringComparer.Ordinal);
        if (!container.IsRunning)
            return ports;
        foreach (var port in container.Spec.ExposedPorts)
            ports[port.ToString()] = null;
        foreach (var group in container.Endpoints.SelectMany(e => e.Ports).GroupBy(p => p.Port))
            ports[group.Key.ToString()] = [.. group.Select(p => new PortBinding { HostIp = p.HostAddress, HostPort = p.HostPort == 0 ? "" : p.HostPort.ToString(CultureInfo.InvariantCulture) })];
        return ports;
    }

    /// <summary>The same for <c>docker ps</c>.</summary>
    internal static IReadOnlyList<PortSummary> ToSummaries(ContainerSnapshot container)
    {
        if (!container.IsRunning)
            return [];
        var published = container.Endpoints.SelectMany(e => e.Ports).Where(p => p.HostPort > 0).ToList();
        var summaries = published.Select(p => new PortSummary { IP = p.HostAddress, PrivatePort = p.Port.Number, PublicPort = p.HostPort, Type = Word(p.Port) }).ToList();
        summaries.AddRange(container.Spec.ExposedPorts
            .Where(e => !published.Exists(p => p.Port == e && p.HostPort > 0))
            .Select(e => new PortSummary { PrivatePort = e.Number, Type = Word(e) }));
        return [.. summaries.OrderBy(p => p.PrivatePort).ThenBy(p => p.Type, StringComparer.Ordinal).ThenBy(p => p.IP, StringComparer.Ordinal)];
    }

    private static string Word(ContainerPort port) => port.Protocol.ToString().ToLowerInvariant();

    private static bool TryReadRange(string text, out ushort? first, out ushort? last)
    {
        first = last = null;
        if (text is "" or "0")
            return true;
        var dash = text.IndexOf('-');
        if (!ushort.TryParse(dash < 0 ? text : text[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var from))
            return false;
        first = from;
        if (dash < 0)
            return true;
        if (!ushort.TryParse(text[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var to) || to < from)
            return false;
        last = to == from ? null : to;
        return true;
    }
}
