using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Linux.Netlink.Route;
using Sampan.Linux.Proc;
using Sampan.Network;
using Sampan.Network.Firewall;
using static Sampan.Kernel.Tests.Network.Traffic;

namespace Sampan.Kernel.Tests.Network;

/// <summary>Containers that share a virtual address and published ports, in namespaces of the test.</summary>
[Trait("guest", "long")]
public class ServiceTests
{
    private const int Slots = NftBalancedDestination.Slots;

    [Fact]
    public async Task A_virtual_address_leads_to_those_who_are_ready()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        await MakeAsync(net, "app", "10.78.0.0/24");
        await MakeAsync(net, "other", "10.79.0.0/24");
        var client = await JoinAsync(net, "client", "app", null);
        var stranger = await JoinAsync(net, "stranger", "other", null);
        var first = await JoinAsync(net, "web1", "app", "web", Tcp(8080, 80));
        var second = await JoinAsync(net, "web2", "app", "web", Tcp(8080, 80));
        using var one = ServeName(first, 80, "one");
        using var two = ServeName(second, 80, "two");
        using var trap = net.Host.Run(() => Listen(IPAddress.Any, 80)); // a program of the host: nobody's business at a virtual address
        var vip = Service(net, "app").Address!.ToString();
        vip.ShouldBe("10.78.0.254");

        // Nobody is ready.
        (await NothingAnswersAsync(client.NetnsPath, vip, 80)).ShouldBeTrue();
        (await NothingAnswersAsync(outside.Path, HostOutside, 8080)).ShouldBeTrue();

        // One is: neighbours, the host, a member itself, another machine by the published port.
        await net.Service.SetReadyAsync("web1", () => true);
        (await AskAsync(client.NetnsPath, vip, 80)).ShouldBe("one");
        (await AskAsync(first.NetnsPath, vip, 80)).ShouldBe("one");
        (await AskAsync(net.Host.Path, vip, 80)).ShouldBe("one");
        (await AskAsync(net.Host.Path, "127.0.0.1", 8080)).ShouldBe("one");
        (await AskAsync(outside.Path, HostOutside, 8080)).ShouldBe("one");
        (await AskAsync(client.NetnsPath, HostOutside, 8080)).ShouldBe("one");

        // Other networks and machines: not even the host's program answers there.
        (await NothingAnswersAsync(stranger.NetnsPath, vip, 80)).ShouldBeTrue();
        (await NothingAnswersAsync(outside.Path, vip, 80)).ShouldBeTrue();

        // Both are.
        await net.Service.SetReadyAsync("web2", () => true);
        (await AnswersAsync(client.NetnsPath, vip, 80)).ShouldBe(["one", "two"]);
        (await AnswersAsync(outside.Path, HostOutside, 8080)).ShouldBe(["one", "two"]);
        (await AnswersAsync(net.Host.Path, "127.0.0.1", 8080)).ShouldBe(["one", "two"]);

        // One falls ill, the other goes; the address stays the service's.
        await net.Service.SetReadyAsync("web1", () => false);
        (await AnswersAsync(client.NetnsPath, vip, 80)).ShouldBe(["two"]);
        await net.Service.DisconnectAsync("web2", CancellationToken.None);
        (await NothingAnswersAsync(client.NetnsPath, vip, 80)).ShouldBeTrue();
        Service(net, "app").Members.ShouldHaveSingleItem().IsReady.ShouldBeFalse();
        net.Host.Run(() => Sampan.Linux.Netlink.HeldPort.TryHold(6, IPAddress.Any, 8080) is null).ShouldBeTrue("the port is still the service's");
    }

    [Fact]
    public async Task A_new_neighbour_reaches_a_virtual_address_with_its_first_packets()
    {
        await using var net = await NetworkFixture.OpenAsync(o => o with { Shortcut = true });
        await MakeAsync(net, "app", "10.78.0.0/24");
        var web = await JoinAsync(net, "web1", "app", "web");
        using var one = ServeName(web, 80, "one");
        var vip = Service(net, "app").Address!.ToString();
        await net.Service.SetReadyAsync("web1", () => true);

        // The host has only just heard of each one's hardware address; it believes in it five seconds later. Who may repeat once gives up before.
        for (var i = 0; i < 3; i++)
        {
            var client = await JoinAsync(net, $"client{i}", "app", null);
            TestSpace.RunAt(client.NetnsPath ?? "", () =>
            {
                Sysctl.Write("net/ipv4/tcp_syn_retries", "1");
                return true;
            });
            (await AskAsync(client.NetnsPath, vip, 80)).ShouldBe("one");
        }
    }

    [Fact]
    public async Task Connections_stay_with_their_container_and_are_counted_until_they_end()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await MakeAsync(net, "app", "10.78.0.0/24");
        var client = await JoinAsync(net, "client", "app", null);
        var first = await JoinAsync(net, "web1", "app", "web");
        await JoinAsync(net, "web2", "app", "web");
        using var listener = TestSpace.RunAt(first.NetnsPath!, () => Listen(IPAddress.Any, 80));
        await net.Service.SetReadyAsync("web1", () => true);
        (await net.Service.CountConnectionsAsync("web1")).ShouldBe(0);

        using var caller = TestSpace.RunAt(client.NetnsPath!, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await caller.ConnectAsync(Service(net, "app").Address!, 80);
        using var peer = await listener.AcceptAsync();
        (await net.Service.CountConnectionsAsync("web1")).ShouldBe(1);
        (await net.Service.CountConnectionsAsync("web2")).ShouldBe(0);

        await net.Service.SetReadyAsync("web2", () => true);
        await net.Service.SetReadyAsync("web1", () => false);
        await caller.SendAsync("still here"u8.ToArray());
        var buffer = new byte[100];
        (await peer.ReceiveAsync(buffer)).ShouldBe(10);
        (await net.Service.CountConnectionsAsync("web1")).ShouldBe(1);
        caller.Shutdown(SocketShutdown.Both);
        (await peer.ReceiveAsync(buffer)).ShouldBe(0);
        peer.Shutdown(SocketShutdown.Both);
        peer.Close();
        caller.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await net.Service.CountConnectionsAsync("web1") > 0)
            await Task.Delay(20, patience.Token);
    }

    [Fact]
    public async Task The_next_daemon_finds_addresses_and_readiness_and_flushed_rules_come_back()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await MakeAsync(net, "app", "10.78.0.0/24");
        var client = await JoinAsync(net, "client", "app", null);
        var first = await JoinAsync(net, "web1", "app", "web", Tcp(8080, 80));
        using var one = ServeName(first, 80, "one");
        await net.Service.SetReadyAsync("web1", () => true);
        var vip = Service(net, "app").Address!.ToString();

        await net.StopAsync();
        (await AskAsync(client.NetnsPath, vip, 80)).ShouldBe("one");
        await net.StartAsync();
        (await AskAsync(client.NetnsPath, vip, 80)).ShouldBe("one");
        await net.Service.AdoptAsync(["client", "web1"], CancellationToken.None);
        (await AskAsync(client.NetnsPath, vip, 80)).ShouldBe("one");
        (await AskAsync(net.Host.Path, "127.0.0.1", 8080)).ShouldBe("one");
        Service(net, "app").Address!.ToString().ShouldBe(vip);

        net.Host.Run(() =>
        {
            using var nft = NftSocket.Open();
            nft.Commit(new NftBatch().DeleteTable(NetworkFixture.Bridge));
        });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!net.Host.Tables().Contains(NetworkFixture.Bridge) || net.Host.Elements(NetworkFixture.Bridge, ServiceRules.Virtual) != Slots)
            await Task.Delay(20, patience.Token);
        (await AskAsync(client.NetnsPath, vip, 80)).ShouldBe("one");

        // A service that has gone gives its address back, and its part of the rule set.
        await net.Service.ForgetServiceAsync("web");
        Service(net, "app").Address!.ToString().ShouldBe(vip, "it still has a container");
        await net.Service.DisconnectAsync("web1", CancellationToken.None);
        await net.Service.ForgetServiceAsync("web");
        net.Service.Networks.Single(n => n.Name == "app").Services.ShouldBeEmpty();
        net.Host.Run(() =>
        {
            using var route = RouteSocket.Open();
            return route.Addresses().Any(a => a.Address.ToString() == vip);
        }).ShouldBeFalse();
        Should.Throw<Sampan.Linux.LinuxException>(() => net.Host.Elements(NetworkFixture.Bridge, ServiceRules.Virtual)).Errno.ShouldBe(Sampan.Linux.Errno.ENOENT);
    }

    [Fact]
    public async Task A_service_of_both_versions_on_an_internal_network_is_reached_from_inside_alone()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await net.Service.CreateAsync(new NetworkRequest { Name = "app", Internal = true, IPv6 = true, Subnets = [new SubnetRequest { Subnet = "10.78.0.0/24" }, new SubnetRequest { Subnet = "fd00:78::/64" }] }, CancellationToken.None);
        var client = await JoinAsync(net, "client", "app", null);
        var first = await JoinAsync(net, "web1", "app", "web");
        using var one = TestSpace.RunAt(first.NetnsPath!, () => Listen(IPAddress.IPv6Any, 80));
        _ = Greet(one, "one");
        await net.Service.SetReadyAsync("web1", () => true);
        var service = Service(net, "app");
        (await AskAsync(client.NetnsPath, service.Address!.ToString(), 80)).ShouldBe("one");
        (await AskAsync(client.NetnsPath, service.Address6!.ToString(), 80)).ShouldBe("one");
        (await AskAsync(net.Host.Path, service.Address6!.ToString(), 80)).ShouldBe("one");
    }

    [Fact]
    public async Task A_port_is_shared_by_one_service_and_by_no_other()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await JoinAsync(net, "web1", "bridge", "web", Tcp(8080, 80));
        await JoinAsync(net, "web2", "bridge", "web", Tcp(8080, 80));
        (await Should.ThrowAsync<NetworkException>(() => JoinAsync(net, "api1", "bridge", "api", Tcp(8080, 80)))).Message.ShouldContain("port is already allocated (by container 'web1')");
        (await Should.ThrowAsync<NetworkException>(() => JoinAsync(net, "plain", "bridge", null, Tcp(8080, 80)))).Message.ShouldContain("port is already allocated");
        (await Should.ThrowAsync<NetworkException>(() => JoinAsync(net, "web3", "bridge", "web", Tcp(8080, 81)))).Message.ShouldContain("port is already allocated");

        var any = await JoinAsync(net, "api1", "bridge", "api", Tcp(0, 80));
        var same = await JoinAsync(net, "api2", "bridge", "api", Tcp(0, 80));
        same.Ports.Single().HostPort.ShouldBe(any.Ports.Single().HostPort);

        await net.Service.DisconnectAsync("web1", CancellationToken.None);
        net.Host.Run(() => Sampan.Linux.Netlink.HeldPort.TryHold(6, IPAddress.Any, 8080) is null).ShouldBeTrue();
        await net.Service.DisconnectAsync("web2", CancellationToken.None);
        await net.ConnectAsync("plain", Tcp(8080, 80)); // free again
    }

    [Fact]
    public void The_kernel_takes_the_rules_of_services_as_nft_writes_them()
    {
        if (!File.Exists("/usr/sbin/nft"))
            Assert.Skip("needs nft to list what the kernel keeps");
        using var byNetlink = TestSpace.Make("netlink");
        using var byText = TestSpace.Make("text");
        Sampan.Network.Addresses.Subnet.TryParse("10.77.0.1/16", out var subnet, out _).ShouldBeTrue();
        Sampan.Network.Addresses.Subnet.TryParse("fd00:77::1/64", out var subnet6, out _).ShouldBeTrue();
        var table = FirewallRules.Build("sptest0", [new FirewallNetwork("sptest0", subnet, IsInternal: false) { Subnet6 = subnet6 }], routingWasOff: false, [ServiceRules.Address(IPAddress.Parse("10.77.0.9"))], services: true);
        byNetlink.Run(() =>
        {
            using var nft = NftSocket.Open();
            nft.Make(table);
        });
        byText.Run(() => FirewallKernelTests.Nft("-f -", table.ToString()));

        // Only how a key's type is written differs: netlink gives its number, text the expression.
        Rules(byNetlink).ShouldBe(Rules(byText));
        Rules(byNetlink).ShouldContain(l => l.Contains("numgen random mod 240 map @virtual "));

        static List<string> Rules(TestSpace space) => [.. space.Run(() => FirewallKernelTests.Nft("list ruleset", "")).Split('\n').Select(l => l.Trim()).Where(l => !l.StartsWith("type ", StringComparison.Ordinal) && !l.StartsWith("typeof ", StringComparison.Ordinal))];
    }

    private static Task<NetworkRecord> MakeAsync(NetworkFixture net, string name, string subnet) =>
        net.Service.CreateAsync(new NetworkRequest { Name = name, Subnets = [new SubnetRequest { Subnet = subnet }] }, CancellationToken.None);

    private static Task<NetworkAttachment> JoinAsync(NetworkFixture net, string id, string network, string? service, params IReadOnlyList<PortRequest> ports) =>
        net.ConnectAsync(new EndpointRequest { ContainerId = id, ContainerName = id, NetworkName = network, Hostname = id, Service = service, Ports = ports });

    private static ServiceRecord Service(NetworkFixture net, string network) => net.Service.Networks.Single(n => n.Name == network).Services.Single();

    /// <summary>Who answers; asked until two have, or often enough to be sure that no second one does.</summary>
    private static async Task<IReadOnlyList<string>> AnswersAsync(string? path, string address, int port)
    {
        var heard = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 60 && heard.Count < 2; i++)
            heard.Add(await AskAsync(path, address, port) ?? "nobody");
        return [.. heard];
    }

    private static Socket ServeName(NetworkAttachment container, int port, string name)
    {
        var listener = TestSpace.RunAt(container.NetnsPath ?? "", () => Listen(IPAddress.Any, port));
        _ = Greet(listener, name);
        return listener;
    }

    private static Task Greet(Socket listener, string name) => Task.Run(async () =>
    {
        while (true)
        {
            using var peer = await listener.AcceptAsync();
            await peer.SendAsync(System.Text.Encoding.ASCII.GetBytes(name));
        }
    });
}
