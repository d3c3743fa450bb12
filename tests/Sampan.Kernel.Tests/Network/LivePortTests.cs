using System.Net;
using System.Net.Sockets;
using System.Text;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Network;
using Sampan.Network.Firewall;
using static Sampan.Kernel.Tests.Network.Traffic;

namespace Sampan.Kernel.Tests.Network;

/// <summary>Ports that come and go while the container runs, rules that somebody else changes, ranges and protocols.</summary>
public class LivePortTests
{
    [Fact]
    public async Task Ports_come_and_go_while_connections_on_others_last()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = JoinOutside(net);
        var web = await net.ConnectAsync("web", Tcp(8080, 80), Tcp(9090, 90));
        using var server = Serve(web, 80);
        using var old = Serve(web, 90);
        using var echo = TestSpace.RunAt(web.NetnsPath!, () => Listen(IPAddress.Any, 81));
        await net.Service.ChangePortsAsync("web", [Tcp(8081, 81)], [], CancellationToken.None);
        using var lasting = outside.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await lasting.ConnectAsync(HostOutside, 8081);
        using var peer = await echo.AcceptAsync();

        var ports = await net.Service.ChangePortsAsync("web", [Tcp(8000, 80)], [new HostPort(PortProtocol.Tcp, 9090), new HostPort(PortProtocol.Tcp, 8080)], CancellationToken.None);

        ports.Select(p => $"{p.HostPort}:{p.ContainerPort}").ShouldBe(["8081:81", "8000:80"]);
        (await AskAsync(outside.Path, HostOutside, 8000)).ShouldBe("hello 192.0.2.2");
        (await AskAsync(net.Host.Path, "127.0.0.1", 8000)).ShouldBe("hello 10.77.0.1");
        (await AskAsync(web.NetnsPath, HostOutside, 8000)).ShouldBe("hello 10.77.0.1", "itself, by the host");
        (await NothingAnswersAsync(outside.Path, HostOutside, 9090)).ShouldBeTrue();
        await lasting.SendAsync("still there"u8.ToArray());
        var buffer = new byte[100];
        Encoding.ASCII.GetString(buffer, 0, await peer.ReceiveAsync(buffer)).ShouldBe("still there");

        // The next daemon knows.
        await net.StopAsync();
        await net.StartAsync();
        await net.Service.AdoptAsync(["web"], CancellationToken.None);
        net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress).ShouldBe(2);
        (await AskAsync(outside.Path, HostOutside, 8000)).ShouldBe("hello 192.0.2.2");
        await net.ConnectAsync("next", Tcp(9090, 90)); // given back
    }

    [Fact]
    public async Task A_change_of_ports_that_cannot_be_leaves_all_as_it_was()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await net.ConnectAsync("web", Tcp(8080, 80));
        await net.ConnectAsync("other", Tcp(8081, 80));
        await net.Service.CreateAsync(new NetworkRequest { Name = "inside", Internal = true }, CancellationToken.None);
        await net.ConnectAsync(new EndpointRequest { ContainerId = "locked", NetworkName = "inside", Hostname = "locked" });

        (await RefusedAsync("web", [Tcp(8082, 82), Tcp(8081, 80)], [new(PortProtocol.Tcp, 8080)])).ShouldContain("8081 failed: port is already allocated (by container 'other')");
        (await RefusedAsync("web", [], [new(PortProtocol.Udp, 8080)])).ShouldContain("does not publish the host's port 8080/udp");
        (await RefusedAsync("locked", [Tcp(8083, 80)], [])).ShouldContain("no network with a way out");
        (await RefusedAsync("nobody", [Tcp(8083, 80)], [])).ShouldContain("is on no network");

        net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress).ShouldBe(2);
        net.Host.Run(() => Sampan.Linux.Netlink.HeldPort.TryHold(6, IPAddress.Any, 8080) is null).ShouldBeTrue();
        await net.ConnectAsync("next", Tcp(8082, 80)); // was let go of

        async Task<string> RefusedAsync(string id, IReadOnlyList<PortRequest> add, IReadOnlyList<HostPort> remove) =>
            (await Should.ThrowAsync<NetworkException>(() => net.Service.ChangePortsAsync(id, add, remove, CancellationToken.None))).Message;
    }

    /// <summary>CVE-2025-54388, CVE-2025-54410: a reload of the host's firewall took an engine's rules away, and with them the isolation.</summary>
    [Fact]
    public async Task CVE_2025_54388_CVE_2025_54410_rules_that_somebody_flushes_or_changes_come_back_by_themselves()
    {
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var net = await NetworkFixture.OpenAsync(o => o with { Notices = told.Enqueue });
        // What this kernel cannot do was told at the start.
        told.Clear();
        await net.ConnectAsync("c1", Tcp(8080, 80));
        var stranger = new NftTable { Name = "stranger" };

        // The table goes.
        net.Host.Run(() =>
        {
            using var nft = NftSocket.Open();
            nft.Make(stranger);
            nft.Commit(new NftBatch().DeleteTable(NetworkFixture.Bridge));
        });
        await UntilAsync(() => net.Host.Tables().Contains(NetworkFixture.Bridge) && net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress) == 1);

        // An element goes.
        var told1 = told.Count;
        net.Host.Run(() =>
        {
            using var nft = NftSocket.Open();
            nft.Commit(new NftBatch().DeleteElements(NetworkFixture.Bridge, [FirewallRules.Publish(new PortMapping { Protocol = PortProtocol.Tcp, ContainerPort = 80, HostAddress = IPAddress.Any, HostPort = 8080 }, IPAddress.Parse("10.77.0.2"))]));
        });
        await UntilAsync(() => told.Count > told1 && net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress) == 1);
        told.ShouldAllBe(t => t.Contains("it is as it was again"));

        // What is not ours is nobody's business here, and a table that goes with its networks stays away.
        var told2 = told.Count;
        net.Host.Run(() =>
        {
            using var nft = NftSocket.Open();
            nft.Commit(new NftBatch().DeleteTable("stranger"));
        });
        await net.Service.ReleaseAllAsync(CancellationToken.None);
        net.Host.Tables().ShouldBeEmpty();
        told.Count.ShouldBe(told2);
    }

    [Fact]
    public async Task Every_protocol_has_ports_of_its_own_and_ranges_go_hand_in_hand()
    {
        await using var net = await NetworkFixture.OpenAsync();
        PortRequest[] ports = [.. Enumerable.Range(0, 3).Select(i => Tcp((ushort)(8000 + i), (ushort)(8000 + i))), Udp(8000), Sctp(8000)];
        var first = await net.ConnectAsync("c1", ports);
        first.Ports.Select(p => $"{p.HostPort}/{p.Protocol}").ShouldBe(["8000/Tcp", "8001/Tcp", "8002/Tcp", "8000/Udp", "8000/Sctp"]);

        var second = await net.ConnectAsync("c2", new PortRequest { ContainerPort = 80, HostPort = 8000, HostPortEnd = 8004 });
        second.Ports.Single().HostPort.ShouldBe((ushort)8003);
        (await RefusedAsync(Sctp(8000))).ShouldContain("0.0.0.0:8000 failed: port is already allocated (by container 'c1')");
        (await RefusedAsync(new PortRequest { ContainerPort = 80, HostPort = 8000, HostPortEnd = 8002 })).ShouldContain("8000-8002 failed: all ports are allocated");
        (await RefusedAsync(new PortRequest { ContainerPort = 80, HostPort = 9000, HostPortEnd = 8000 })).ShouldContain("ends before it begins");
        (await RefusedAsync(Tcp(9000, 0))).ShouldContain("invalid container port '0'");
        net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress).ShouldBe(6);

        static PortRequest Udp(ushort port) => new() { Protocol = PortProtocol.Udp, ContainerPort = port, HostPort = port };
        static PortRequest Sctp(ushort port) => new() { Protocol = PortProtocol.Sctp, ContainerPort = port, HostPort = port };
        async Task<string> RefusedAsync(PortRequest port) => (await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync("refused", port))).Message;
    }

    [Fact]
    public async Task The_daemons_default_address_is_where_ports_are_published_that_name_none()
    {
        await using var net = await NetworkFixture.OpenAsync(o => o with { DefaultBindAddress = IPAddress.Loopback });
        using var outside = JoinOutside(net);
        var web = await net.ConnectAsync("web", Tcp(8080, 80), Tcp(8081, 80) with { HostAddress = IPAddress.Any });
        using var server = Serve(web, 80);

        (await AskAsync(net.Host.Path, "127.0.0.1", 8080)).ShouldBe("hello 10.77.0.1");
        (await NothingAnswersAsync(outside.Path, HostOutside, 8080)).ShouldBeTrue();
        (await AskAsync(outside.Path, HostOutside, 8081)).ShouldBe("hello 192.0.2.2");
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
            await Task.Delay(20, patience.Token);
    }
}
