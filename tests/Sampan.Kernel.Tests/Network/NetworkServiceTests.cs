using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Linux.Netlink.Route;
using Sampan.Linux.Proc;
using Sampan.Network;
using Sampan.Network.Firewall;

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

    [Fact]
    public async Task The_default_networks_have_stable_ids_and_dockers_names()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var first = net.Service.Networks;
        await net.StopAsync();
        await net.StartAsync();

        first.Select(n => (n.Name, n.Driver)).ShouldBe([("bridge", "bridge"), ("host", "host"), ("none", "null")], ignoreOrder: true);
        net.Service.Networks.Select(n => n.Id).ShouldBe(first.Select(n => n.Id));
        first.ShouldAllBe(n => n.Id.Length == 64);
        var bridge = first.Single(n => n.Name == "bridge");
        bridge.Subnets.Single().Subnet.ShouldBe("10.77.0.0/16");
        bridge.Subnets.Single().Gateway.ShouldBe(IPAddress.Parse("10.77.0.1"));
    }

    [Fact]
    public async Task None_has_only_a_loopback_and_host_has_no_namespace_of_its_own()
    {
        await using var net = await NetworkFixture.OpenAsync();

        var none = await net.ConnectAsync(new EndpointRequest { ContainerId = "c1", NetworkName = "none", Hostname = "c1" });
        var host = await net.ConnectAsync(new EndpointRequest { ContainerId = "c2", NetworkName = "host", Hostname = "c2" });

        none.Address.ShouldBeNull();
        LinksAt(none.NetnsPath).Select(l => (l.Name, l.IsUp)).Where(l => l.Name == "lo" || l.IsUp).ShouldBe([("lo", true)]);
        host.NetnsPath.ShouldBeNull();
    }

    [Fact]
    public async Task A_fixed_address_and_hardware_address_are_kept_to()
    {
        await using var net = await NetworkFixture.OpenAsync();

        var attachment = await net.ConnectAsync(new EndpointRequest { ContainerId = "c1", NetworkName = "bridge", Hostname = "c1", IPv4Address = "10.77.9.9", MacAddress = "02:00:00:00:00:09" });

        attachment.Address.ShouldBe(IPAddress.Parse("10.77.9.9"));
        LinksAt(attachment.NetnsPath).Single(l => l.Name == "eth0").HardwareAddress.ToArray().ShouldBe([2, 0, 0, 0, 0, 9]);
        var taken = await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync(new EndpointRequest { ContainerId = "c2", NetworkName = "bridge", Hostname = "c2", IPv4Address = "10.77.9.9" }));
        taken.Kind.ShouldBe(NetworkError.Conflict);
    }

    [Theory]
    [InlineData("10.78.0.1", NetworkError.InvalidInput)]
    [InlineData("10.77.0.0", NetworkError.InvalidInput)]
    [InlineData("10.77.255.255", NetworkError.InvalidInput)]
    [InlineData("10.77.0.1", NetworkError.Conflict)]
    [InlineData("banana", NetworkError.InvalidInput)]
    [InlineData("10.77.1", NetworkError.InvalidInput)]
    public async Task An_address_that_cannot_be_is_refused(string address, NetworkError kind)
    {
        await using var net = await NetworkFixture.OpenAsync();

        var refusal = await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync(new EndpointRequest { ContainerId = "c1", NetworkName = "bridge", Hostname = "c1", IPv4Address = address }));

        refusal.Kind.ShouldBe(kind);
        refusal.Message.ShouldContain(address);
        net.Service.Networks.Sum(n => n.Members.Count).ShouldBe(0);
    }

    [Fact]
    public async Task An_unknown_network_is_not_found()
    {
        await using var net = await NetworkFixture.OpenAsync();

        var refusal = await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync(new EndpointRequest { ContainerId = "c1", NetworkName = "nowhere", Hostname = "c1" }));

        refusal.Kind.ShouldBe(NetworkError.NotFound);
        refusal.Message.ShouldBe("network nowhere not found");
    }

    [Fact]
    public async Task A_port_that_a_container_has_is_refused_by_its_name()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await net.ConnectAsync(new EndpointRequest { ContainerId = "c1", ContainerName = "web", NetworkName = "bridge", Hostname = "c1", Ports = [Port(8080)] });

        var refusal = await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync(new EndpointRequest { ContainerId = "c2", ContainerName = "other", NetworkName = "bridge", Hostname = "c2", Ports = [Port(8080)] }));

        refusal.Kind.ShouldBe(NetworkError.PortInUse);
        refusal.Message.ShouldMatch(@"^driver failed programming external connectivity on endpoint other \([0-9a-f]{64}\): Bind for 0\.0\.0\.0:8080 failed: port is already allocated \(by container 'web'\)$");
    }

    [Fact]
    public async Task A_port_that_a_process_has_is_refused_by_its_name()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var socket = net.Host.Run(() => Bound(8080));

        var refusal = await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync("c1", Port(8080)));

        refusal.Message.ShouldContain("Bind for 0.0.0.0:8080 failed: port is already allocated");
        refusal.Message.ShouldContain($"pid {Environment.ProcessId}");
    }

    [Fact]
    public async Task A_published_port_is_held_against_other_servers_of_the_host_and_given_back()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await net.ConnectAsync("c1", Port(8080), Port(8080) with { Protocol = PortProtocol.Udp });

        Should.Throw<SocketException>(() => net.Host.Run(() => Bound(8080))).SocketErrorCode.ShouldBe(SocketError.AddressAlreadyInUse);
        Should.Throw<SocketException>(() => net.Host.Run(() => BoundUdp(8080))).SocketErrorCode.ShouldBe(SocketError.AddressAlreadyInUse);

        await net.Service.DisconnectAsync("c1", CancellationToken.None);
        using var tcp = OnceFree(() => net.Host.Run(() => Bound(8080)));
        using var udp = OnceFree(() => net.Host.Run(() => BoundUdp(8080)));
    }

    [Fact]
    public async Task Free_ports_come_from_the_kernels_ephemeral_range_and_ranges_give_their_first_free_one()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var first = await net.ConnectAsync("c1", Port(0), Port(0), Port(8000) with { HostPortEnd = 8001 });
        var second = await net.ConnectAsync("c2", Port(8000) with { HostPortEnd = 8001 });

        first.Ports.Take(2).ShouldAllBe(p => p.HostPort >= 32768 && p.HostPort <= 60999);
        first.Ports[0].HostPort.ShouldNotBe(first.Ports[1].HostPort);
        first.Ports[2].HostPort.ShouldBe((ushort)8000);
        second.Ports[0].HostPort.ShouldBe((ushort)8001);
        var refusal = await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync("c3", Port(8000) with { HostPortEnd = 8001 }));
        refusal.Message.ShouldEndWith("Bind for 0.0.0.0:8000-8001 failed: all ports are allocated");
    }

    [Fact]
    public async Task A_host_address_that_is_not_this_hosts_is_refused()
    {
        await using var net = await NetworkFixture.OpenAsync();

        var refusal = await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync("c1", Port(8080) with { HostAddress = IPAddress.Parse("203.0.113.7") }));

        refusal.Kind.ShouldBe(NetworkError.InvalidInput);
        refusal.Message.ShouldContain("cannot assign requested address");
    }

    [Fact]
    public async Task After_a_restart_the_living_keep_everything_and_the_dead_leave_nothing()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var living = await net.ConnectAsync("living", Port(8080));
        var dead = await net.ConnectAsync("dead", Port(8081));
        await net.StopAsync();

        await net.StartAsync();
        await net.Service.AdoptAsync(["living"], CancellationToken.None);

        net.Service.Networks.Single(n => n.Name == "bridge").Members.Select(m => m.ContainerId).ShouldBe(["living"]);
        File.Exists(living.NetnsPath).ShouldBeTrue();
        File.Exists(dead.NetnsPath).ShouldBeFalse();
        net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress).ShouldBe(1);
        Should.Throw<SocketException>(() => net.Host.Run(() => Bound(8080)));
        using var free = OnceFree(() => net.Host.Run(() => Bound(8081)));
        var next = await net.ConnectAsync("next");
        next.Address.ShouldNotBe(living.Address);
    }

    [Fact]
    public async Task Namespaces_and_links_that_no_record_knows_are_removed()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var half = await net.ConnectAsync("half", Port(8080));
        await net.StopAsync();
        File.Delete(half.NetnsPath + ".json"); // as if the daemon was killed between removing the record and the rest
        await File.WriteAllTextAsync(Path.Combine(net.Directory, "netns", "torn.json"), "{\"conta");

        await net.StartAsync();
        await net.Service.AdoptAsync([], CancellationToken.None);

        Directory.EnumerateFiles(Path.Combine(net.Directory, "netns")).Where(f => !f.EndsWith(".host.json", StringComparison.Ordinal)).ShouldBeEmpty();
        net.Host.Links().ShouldNotContain(l => l.Kind == "veth" && l.Master != null);
        net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress).ShouldBe(0);
    }

    [Fact]
    public async Task A_link_whose_namespace_somebody_else_holds_leaves_the_bridge_nevertheless()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var attachment = await net.ConnectAsync("c1");
        using var holder = NetworkNamespace.Open(attachment.NetnsPath ?? "");

        await net.Service.DisconnectAsync("c1", CancellationToken.None);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (net.Host.Links().Any(l => l.Kind == "veth") && !patience.IsCancellationRequested)
            await Task.Delay(50);
        net.Host.Links().ShouldNotContain(l => l.Kind == "veth");
    }

    [Fact]
    public async Task Rules_that_somebody_flushed_come_back()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await net.ConnectAsync("c1", Port(8080));
        await net.ConnectAsync("c2", Port(8081));
        net.Host.Run(() =>
        {
            using var nft = NftSocket.Open();
            nft.Commit(new NftBatch().DeleteTable(NetworkFixture.Bridge));
        });

        await net.Service.DisconnectAsync("c1", CancellationToken.None);

        net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress).ShouldBe(1);
    }

    [Fact]
    public async Task Release_leaves_the_host_as_it_was()
    {
        await using var net = await NetworkFixture.OpenAsync();
        net.Host.Run(() => Sysctl.Read("net/ipv4/ip_forward")).ShouldBe("1");
        await net.ConnectAsync("c1", Port(8080));

        await net.Service.ReleaseAllAsync(CancellationToken.None);

        net.Host.Tables().ShouldBeEmpty();
        net.Host.Links().ShouldNotContain(l => l.Kind == "bridge" || l.Kind == "veth");
        net.Host.Run(() => Sysctl.Read("net/ipv4/ip_forward")).ShouldBe("0");
        Directory.Exists(Path.Combine(net.Directory, "netns")).ShouldBeFalse();
        await net.StopAsync();
        await net.StartAsync();
        (await net.ConnectAsync("c2")).Address.ShouldNotBeNull();
    }

    [Fact]
    public async Task Two_daemons_with_different_bridges_live_side_by_side_and_do_not_reach_each_other()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var options = net.Options with { Bridge = "sptest1", BridgeAddress = "10.78.0.1/24", StateDirectory = Path.Combine(net.Directory, "state2"), ExecDirectory = Path.Combine(net.Directory, "netns2") };
        await using var second = await NetworkService.OpenAsync(options, TimeProvider.System, net.Host.Path, CancellationToken.None);
        var here = await net.ConnectAsync("c1", Port(8080));
        var there = await second.ConnectAsync(new EndpointRequest { ContainerId = "c1", NetworkName = "bridge", Hostname = "c1" }, CancellationToken.None);
        await there.Wired;

        net.Host.Tables().ShouldBe(["sptest0", "sptest1"], ignoreOrder: true);
        using var listener = TestSpace.RunAt(here.NetnsPath ?? "", () => Bound(80));
        using var client = TestSpace.RunAt(there.NetnsPath ?? "", () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await Should.ThrowAsync<OperationCanceledException>(async () => await client.ConnectAsync(IPAddress.Parse("10.77.0.2"), 80, patience.Token));
        await second.ReleaseAllAsync(CancellationToken.None);
        net.Host.Tables().ShouldBe(["sptest0"]);
        net.Host.Run(() => Sysctl.Read("net/ipv4/ip_forward")).ShouldBe("1");
    }

    [Fact]
    public async Task A_subnet_that_another_link_has_is_refused()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var options = net.Options with { Bridge = "sptest1", BridgeAddress = "10.77.5.1/24", StateDirectory = Path.Combine(net.Directory, "state2"), ExecDirectory = Path.Combine(net.Directory, "netns2") };

        var refusal = await Should.ThrowAsync<NetworkException>(() => NetworkService.OpenAsync(options, TimeProvider.System, net.Host.Path, CancellationToken.None));

        refusal.Kind.ShouldBe(NetworkError.Conflict);
        refusal.Message.ShouldContain("'sptest0'");
        refusal.Message.ShouldContain("--bip");
        net.Host.Links().ShouldNotContain(l => l.Name == "sptest1");
    }

    [Fact]
    public async Task The_bridge_is_closed_to_version_6_and_to_router_advertisements()
    {
        await using var net = await NetworkFixture.OpenAsync();
        if (!Directory.Exists("/proc/sys/net/ipv6"))
            Assert.Skip("this kernel has no IPv6");
        var container = await net.ConnectAsync("c1");

        net.Host.Run(() => Sysctl.Read($"net/ipv6/conf/{NetworkFixture.Bridge}/disable_ipv6")).ShouldBe("1");
        net.Host.Run(() => Sysctl.Read($"net/ipv6/conf/{NetworkFixture.Bridge}/accept_ra")).ShouldBe("0");
        TestSpace.RunAt(container.NetnsPath ?? "", () => Sysctl.Read("net/ipv6/conf/eth0/disable_ipv6") + Sysctl.Read("net/ipv6/conf/eth0/accept_ra")).ShouldBe("10");
        TestSpace.RunAt(container.NetnsPath ?? "", () => Sysctl.Read("net/ipv6/conf/lo/disable_ipv6") ?? "").ShouldBe("0");
        net.Host.Run(() =>
        {
            using var route = RouteSocket.Open();
            var links = route.Links().Where(l => l.Kind is "bridge" or "veth").Select(l => l.Index).ToHashSet();
            return route.Addresses().Where(a => links.Contains(a.Index) && a.Address.AddressFamily == AddressFamily.InterNetworkV6).ToList();
        }).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancelled_connection_leaves_nothing()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => net.Service.ConnectAsync(new EndpointRequest { ContainerId = "c1", NetworkName = "bridge", Hostname = "c1", Ports = [Port(8080)] }, cancelled.Token));

        net.Service.Networks.Sum(n => n.Members.Count).ShouldBe(0);
        Directory.EnumerateFiles(Path.Combine(net.Directory, "netns")).Where(f => !f.EndsWith(".host.json", StringComparison.Ordinal)).ShouldBeEmpty();
        (await net.ConnectAsync("c1", Port(8080))).Ports[0].HostPort.ShouldBe((ushort)8080);
    }

    private static PortRequest Port(ushort host) => new() { ContainerPort = 80, HostPort = host };

    private static IReadOnlyList<Link> LinksAt(string? path) => TestSpace.RunAt(path ?? "", () =>
    {
        using var route = RouteSocket.Open();
        return route.Links();
    });

    /// <summary>
    /// A port that was closed is free at once, but for the other tests of this process: a child that one of them starts has copies of all sockets between
    /// its fork and its exec.
    /// </summary>
    private static Socket OnceFree(Func<Socket> bind)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); ;)
        {
            try
            {
                return bind();
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse && DateTime.UtcNow < deadline)
            {
                Thread.Sleep(1);
            }
        }
    }

    private static Socket Bound(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket BoundUdp(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
