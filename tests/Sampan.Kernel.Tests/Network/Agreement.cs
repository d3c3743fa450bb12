using System.Net.Sockets;
using Sampan.Linux.Netlink.Route;
using Sampan.Network;
using Sampan.Network.Firewall;

namespace Sampan.Kernel.Tests.Network;

/// <summary>Compares what a service says with what is on disk and in the kernel.</summary>
internal static class Agreement
{
    /// <param name="net">The service.</param>
    /// <param name="onPorts">Each container publishes a port.</param>
    internal static void Check(NetworkFixture net, bool onPorts = true)
    {
        var networks = net.Service.Networks;
        var members = networks.SelectMany(n => n.Members.Select(m => (Network: n, Member: m))).ToList();

        // Records on disk.
        Files("state", "*.json").ShouldBe(networks.Select(n => n.Id + ".json").Order());

        // One bridge per network, and nothing else.
        var links = net.Host.Links();
        links.Where(l => l.Kind == "bridge").Select(l => l.Name).Order().ShouldBe(networks.Select(n => n.Bridge).OfType<string>().Order());

        // One port of the right bridge per endpoint, apart from those whose namespace the kernel is still taking down.
        foreach (var network in networks.Where(n => n.Bridge is not null))
        {
            var bridge = links.Single(l => l.Name == network.Bridge).Index;
            links.Count(l => l.Master == bridge).ShouldBeGreaterThanOrEqualTo(network.Members.Count, network.Name);
        }

        // The way past bridges: for those who may go it, each to its own links.
        if (net.Service.ShortcutPlaces is { } places)
        {
            var ways = members.Where(m => m.Network.Shortcut == true).Select(m => m.Member).ToList();
            places.Keys.ShouldBe(ways.Select(m => m.EndpointId), ignoreOrder: true);
            foreach (var (endpoint, (port, leads)) in places)
            {
                links.ShouldContain(l => l.Index == port && l.Kind == "veth", endpoint);
                if (ways.Count(m => m.MacAddress == ways.Single(w => w.EndpointId == endpoint).MacAddress) == 1)
                    leads.ShouldBe(port, endpoint);
            }
        }

        // Addresses inside, each once.
        members.Select(m => m.Member.Address).ShouldBeUnique();
        foreach (var container in members.GroupBy(m => m.Member.ContainerId))
        {
            var (inside, routes) = TestSpace.RunAt(Path.Combine(net.Directory, "netns", container.Key), () =>
            {
                using var route = RouteSocket.Open();
                return (route.Addresses(), route.Routes());
            });
            foreach (var (network, member) in container)
                inside.ShouldContain(a => a.Address.Equals(member.Address), $"{member.ContainerId} on {network.Name}");
            inside.Count(a => a.PrefixLength is not (8 or 128) && !a.Address.IsIPv6LinkLocal).ShouldBe(container.Sum(m => m.Member.Address6 is null ? 1 : 2));

            // One way out, by one of its networks, if any has one.
            var ways = container.Where(m => !m.Network.Internal).SelectMany(m => m.Network.Subnets.Select(s => s.Gateway)).ToList();
            var gateway = routes.SingleOrDefault(r => r.PrefixLength == 0)?.Gateway;
            if (ways.Count == 0)
                gateway.ShouldBeNull(container.Key);
            else
                ways.ShouldContain(gateway.ShouldNotBeNull(container.Key), container.Key);
        }

        // Published ports: those of containers that have a way out of the port's version.
        if (!onPorts)
            return;
        var containers = members.GroupBy(m => m.Member.ContainerId).ToList();
        net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress).ShouldBe(containers.Where(c => c.Any(m => !m.Network.Internal)).Sum(c => PortsOf(c, AddressFamily.InterNetwork)));
        net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress6).ShouldBe(containers.Where(c => c.Any(m => m is { Network.Internal: false, Member.Address6: not null })).Sum(c => PortsOf(c, AddressFamily.InterNetworkV6)));

        static int PortsOf(IEnumerable<(NetworkRecord Network, NetworkMember Member)> places, AddressFamily version) =>
            places.SelectMany(p => p.Member.Ports).Count(p => p.HostAddress.AddressFamily == version);

        IEnumerable<string> Files(string directory, string pattern) =>
            Directory.GetFiles(Path.Combine(net.Directory, directory), pattern).Select(f => Path.GetFileName(f)!).Order();
    }
}
