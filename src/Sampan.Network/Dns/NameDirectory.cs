using System.Net;
using Sampan.Network.Endpoints;
using Sampan.Network.Services;

namespace Sampan.Network.Dns;

/// <summary>
/// Who is called what on which network, as of one moment. It is swapped whole when something changes, and put in order
/// when the first question comes. Any thread may read it.
/// </summary>
internal sealed class NameDirectory(IReadOnlyList<SandboxRecord> sandboxes, IReadOnlyList<NamedNetwork> networks)
{
    private const int ShortId = 12;
    private const string TaskPrefix = "tasks.";
    private static readonly string[] s_hostNames = ["host.docker.internal", "gateway.docker.internal"];
    private readonly Lazy<Tables> _tables = new(() => Tables.Of(sandboxes, networks));

    /// <summary>Whether a container has a way out: on internal networks alone nobody outside is asked.</summary>
    internal bool MayAskOutside(string containerId) => NetworksOf(containerId).Any(n => !n.IsInternal);

    /// <summary>The addresses that a name means to a container; null: it means nothing here.</summary>
    internal IReadOnlyList<IPAddress>? Find(string containerId, string name)
    {
        if (!_tables.Value.Sandboxes.TryGetValue(containerId, out var asking))
            return null;
        foreach (var network in NetworksOf(containerId))
        {
            if ((Linked(asking, network, name) ?? Named(network, name)) is { } found)
                return found;
        }

        // NAME.NETWORK, as answers to PTR say it.
        foreach (var network in NetworksOf(containerId))
        {
            var suffix = "." + network.Name.ToLowerInvariant();
            if (name.EndsWith(suffix, StringComparison.Ordinal) && Named(network, name[..^suffix.Length]) is { } found)
                return found;
        }

        return s_hostNames.Contains(name, StringComparer.Ordinal) && NetworksOf(containerId).OrderBy(n => n.IsInternal).FirstOrDefault() is { } near
            ? near.Gateways
            : null;
    }

    /// <summary>The name of an address on one of a container's networks; null: nobody's.</summary>
    internal string? FindName(string containerId, IPAddress address)
    {
        foreach (var network in NetworksOf(containerId))
        {
            if (_tables.Value.Owners.TryGetValue((network.Id, address), out var name))
                return $"{name}.{network.Name}";
        }

        return null;
    }

    private IEnumerable<NamedNetwork> NetworksOf(string containerId) =>
        _tables.Value.Sandboxes.TryGetValue(containerId, out var sandbox)
            ? networks.Where(n => sandbox.On(n.Id) is not null)
            : [];

    private IReadOnlyList<IPAddress>? Named(NamedNetwork network, string name) => _tables.Value.Names.GetValueOrDefault((network.Id, name));

    private IReadOnlyList<IPAddress>? Linked(SandboxRecord asking, NamedNetwork network, string name)
    {
        foreach (var link in asking.On(network.Id)?.Links ?? [])
        {
            var parts = link.Split(':', 2);
            if (parts[^1].Equals(name, StringComparison.OrdinalIgnoreCase))
                return Named(network, parts[0].ToLowerInvariant());
        }

        return null;
    }

    private sealed record Tables(
        Dictionary<(string Network, string Name), List<IPAddress>> Names,
        Dictionary<(string Network, IPAddress Address), string> Owners,
        Dictionary<string, SandboxRecord> Sandboxes)
    {
        internal static Tables Of(IReadOnlyList<SandboxRecord> sandboxes, IReadOnlyList<NamedNetwork> networks)
        {
            var tables = new Tables([], [], new Dictionary<string, SandboxRecord>(StringComparer.Ordinal));
            var named = networks.Where(n => n.HasNames).ToDictionary(n => n.Id, n => n.Services.ToDictionary(s => s.Name, StringComparer.Ordinal), StringComparer.Ordinal);
            foreach (var (network, services) in named)
            {
                foreach (var service in services.Values)
                    tables.Add(network, service);
            }

            foreach (var sandbox in sandboxes)
            {
                tables.Sandboxes[sandbox.ContainerId] = sandbox;
                foreach (var endpoint in sandbox.Endpoints.Where(e => named.ContainsKey(e.NetworkId)))
                {
                    var service = sandbox.Service is { } name ? named[endpoint.NetworkId].GetValueOrDefault(name) : null;
                    foreach (var address in new[] { endpoint.AddressOf(version6: false), endpoint.AddressOf(version6: true) }.OfType<IPAddress>())
                        tables.Add(sandbox, endpoint, address, service);
                }
            }

            return tables;
        }

        /// <summary>The service's names mean its virtual address, whoever is there; <c>tasks.NAME</c> is all of its containers.</summary>
        private void Add(string network, VirtualService service)
        {
            foreach (var address in service.Addresses)
            {
                Owners[(network, address)] = service.Name;
                foreach (var name in NamesOf(service))
                    Add(network, name, address);
            }
        }

        private void Add(SandboxRecord sandbox, EndpointRecord endpoint, IPAddress address, VirtualService? service)
        {
            Owners[(endpoint.NetworkId, address)] = sandbox.ContainerName;
            HashSet<string> shared = service is null ? [] : [.. NamesOf(service)];
            string[] own = [sandbox.ContainerName, sandbox.ContainerId[..Math.Min(ShortId, sandbox.ContainerId.Length)], sandbox.ContainerId];
            IEnumerable<string> names = own.Concat(endpoint.Aliases.Append(sandbox.Hostname).Where(n => !shared.Contains(n.ToLowerInvariant()))).Concat(shared.Select(n => TaskPrefix + n));
            foreach (var name in names.Where(n => n.Length > 0).Select(n => n.ToLowerInvariant()).Distinct(StringComparer.Ordinal))
                Add(endpoint.NetworkId, name, address);
        }

        private void Add(string network, string name, IPAddress address)
        {
            if (!Names.TryGetValue((network, name), out var addresses))
                Names[(network, name)] = addresses = [];
            addresses.Add(address);
        }

        private static IEnumerable<string> NamesOf(VirtualService service) => service.Names.Prepend(service.Name).Select(n => n.ToLowerInvariant()).Distinct(StringComparer.Ordinal);
    }
}
