using System.Globalization;

namespace Sampan.Engine.Containers.Endpoints;

/// <summary>
/// Docker's old links on the default network (<c>--link db:database</c>): lines in the hosts file and variables in the
/// environment tell a container of another. On networks of the user's the resolver knows them.
/// </summary>
internal static class LegacyLinks
{
    /// <summary>The containers that a container is linked to, by what it calls them.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: one is not there or does not run.</exception>
    public static IReadOnlyList<(string Alias, ContainerSnapshot Target)> Resolve(EngineParts parts, ContainerSnapshot container)
    {
        List<(string, ContainerSnapshot)> links = [];
        foreach (var (name, alias) in container.Spec.Network.Links.Select(LinkName.Parse))
        {
            if (!parts.Registry.TryFind(name, out var found) || !found.Current.IsRunning)
                throw EngineException.Conflict($"Cannot link to a non running container: /{name} AS /{container.Name}/{alias}");
            links.Add((alias, found.Current));
        }

        return links;
    }

    /// <summary>Those of them that run now: what one more process of a running container is told of.</summary>
    public static IReadOnlyList<(string Alias, ContainerSnapshot Target)> Running(EngineParts parts, ContainerSnapshot container) =>
    [
        .. container.Spec.Network.Links.Select(LinkName.Parse)
            .Select(l => (l.Alias, Target: parts.Registry.TryFind(l.Container, out var found) ? found.Current : null))
            .Where(l => l.Target is { IsRunning: true }).Select(l => (l.Alias, l.Target!)),
    ];

    /// <summary>The lines of the hosts file.</summary>
    public static IReadOnlyList<string> HostsLines(IReadOnlyList<(string Alias, ContainerSnapshot Target)> links) =>
    [
        .. links.Select(l => (l.Alias, l.Target, Address: AddressOf(l.Target))).Where(l => l.Address is not null)
            .Select(l => $"{l.Address}\t{string.Join(' ', new[] { l.Alias, l.Target.Spec.Hostname ?? l.Target.Id[..12], l.Target.Name }.Distinct(StringComparer.Ordinal))}"),
    ];

    /// <summary>The variables, as Docker names them: <c>DB_PORT_5432_TCP_ADDR</c> and its relatives, and the other's own as <c>DB_ENV_…</c>.</summary>
    public static IReadOnlyList<string> Variables(string owner, IReadOnlyList<(string Alias, ContainerSnapshot Target)> links)
    {
        List<string> variables = [];
        foreach (var (alias, target) in links)
        {
            var prefix = alias.ToUpperInvariant().Replace('-', '_');
            var address = AddressOf(target) ?? "";
            variables.Add($"{prefix}_NAME=/{owner}/{alias}");
            var ports = target.Spec.ExposedPorts.Distinct().OrderBy(p => p.Number).ThenBy(p => p.Protocol).ToList();
            if (ports.Count > 0)
                variables.Add($"{prefix}_PORT={Url(ports[0])}");
            foreach (var port in ports)
            {
                var protocol = port.Protocol.ToString();
                var name = string.Create(CultureInfo.InvariantCulture, $"{prefix}_PORT_{port.Number}_{protocol.ToUpperInvariant()}");
                variables.AddRange([$"{name}={Url(port)}", $"{name}_ADDR={address}", string.Create(CultureInfo.InvariantCulture, $"{name}_PORT={port.Number}"), $"{name}_PROTO={protocol.ToLowerInvariant()}"]);
            }

            variables.AddRange(target.Spec.Env.Where(e => e.Contains('=') && !e.StartsWith("PATH=", StringComparison.Ordinal) && !e.StartsWith("HOME=", StringComparison.Ordinal)).Select(e => $"{prefix}_ENV_{e}"));

            string Url(ContainerPort port) => string.Create(CultureInfo.InvariantCulture, $"{port.Protocol.ToString().ToLowerInvariant()}://{address}:{port.Number}");
        }

        return variables;
    }

    private static string? AddressOf(ContainerSnapshot target) => target.Endpoints.FirstOrDefault(e => e.NetworkName == "bridge")?.Address;
}
