using System.Net;
using Sampan.Linux.Netlink.Route;

namespace Sampan.Kernel.Tests.Network;

public class NetworkServiceTests
{
    [Fact]
    public async Task A_container_gets_a_namespace_with_loopback_address_and_default_route()
    {
        await using var net = await NetworkFixture.OpenAsync();

        var attachment = await net.ConnectAsync("c1");

        attachment.Address.ShouldBe(IPAddress.Parse("10.77.0.2"));
        attachment.PrefixLength.ShouldBe(16);
        attachment.Gateway.ShouldBe(IPAddress.Parse("10.77.0.1"));
        attachment.MacAddress.ShouldBe("02:42:0a:4d:00:02");
        attachment.NetnsPath.ShouldNotBeNull();
        var (links, addresses, routes) = TestSpace.RunAt(attachment.NetnsPath, () =>
        {
            using var route = RouteSocket.Open();
            return (route.Links(), route.Addresses(), route.Routes());
        });
        links.Single(l => l.Name == "lo").IsUp.ShouldBeTrue();
        var eth0 = links.Single(l => l.Name == "eth0");
        eth0.IsUp.ShouldBeTrue();
        eth0.HardwareAddress.ToArray().ShouldBe([0x02, 0x42, 10, 77, 0, 2]);
        addresses.ShouldContain(new LinkAddress(eth0.Index, IPAddress.Parse("10.77.0.2"), 16));
        addresses.ShouldNotContain(a => a.Index == eth0.Index && a.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6);
        routes.ShouldContain(r => r.PrefixLength == 0 && r.Gateway!.Equals(IPAddress.Parse("10.77.0.1")));
        net.Host.Links().Count(l => l.Kind == "veth" && l.Master is not null && l.IsUp).ShouldBe(1);
    }
}
