using Sampan.Linux.Netlink.Route;
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

        // Addresses inside, each once.
        members.Select(m => m.Member.Address).ShouldBeUnique();
        foreach (var container in members.GroupBy(m => m.Member.ContainerId))
        {
            var inside = TestSpace.RunAt(Path.Combine(net.Directory, "netns", container.Key), () =>
            {
                using var route = RouteSocket.Open();
                return route.Addresses();
            });
            foreach (var (network, member) in container)
                inside.ShouldContain(a => a.Address.Equals(member.Address), $"{member.ContainerId} on {network.Name}");
            inside.Count(a => a.PrefixLength is not (8 or 128)).ShouldBe(container.Count());
        }

        // Published ports: one element for each container that has a way out.
        if (!onPorts)
            return;
        net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress).ShouldBe(members.Where(m => !m.Network.Internal).Select(m => m.Member.ContainerId).Distinct().Count());

        IEnumerable<string> Files(string directory, string pattern) =>
            Directory.GetFiles(Path.Combine(net.Directory, directory), pattern).Select(f => Path.GetFileName(f)!).Order();
    }
}
