using System.Net;
using System.Net.Sockets;
using System.Text;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Network;

namespace Sampan.Kernel.Tests.Network;

/// <summary>The host has input rules of its own, as ufw or firewalld write them; published ports obey them if they are told to.</summary>
public class HostPolicyTests
{
    private const string Option = "io.sampan.network.host_policy";

    [Fact]
    public async Task Strangers_reach_those_published_ports_that_the_hosts_input_rules_let_them_reach()
    {
        await using var net = await NetworkFixture.OpenAsync(o => o with { HostPolicy = true });
        using var outside = Traffic.JoinOutside(net);
        LetIn(net, 8080);
        var web = await net.ConnectAsync("web", Traffic.Tcp(8080, 80), Traffic.Tcp(9090, 80));
        var neighbour = await net.ConnectAsync("neighbour");
        using var server = Traffic.Serve(web, 80);

        // The first packet asks, its repetition arrives; the client's address is kept.
        (await Traffic.AskAsync(outside.Path, Traffic.HostOutside, 8080)).ShouldBe("hello 192.0.2.2");
        (await Traffic.AskAsync(outside.Path, Traffic.HostOutside, 8080)).ShouldBe("hello 192.0.2.2");
        (await Traffic.NothingAnswersAsync(outside.Path, Traffic.HostOutside, 9090)).ShouldBeTrue();

        // The host itself and its containers are no strangers.
        (await Traffic.AskAsync(net.Host.Path, "127.0.0.1", 9090)).ShouldNotBeNull();
        (await Traffic.AskAsync(neighbour.NetnsPath, Traffic.HostOutside, 9090)).ShouldNotBeNull();

        // The rules change: what was closed opens.
        LetIn(net, 8080, 9090);
        (await Traffic.AskAsync(outside.Path, Traffic.HostOutside, 9090)).ShouldBe("hello 192.0.2.2");
    }

    [Fact]
    public async Task A_network_may_obey_where_others_do_not_in_both_versions_and_on_one_address()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = Traffic.JoinOutside(net);
        LetIn(net, 8080, 8081);
        await net.Service.CreateAsync(
            new NetworkRequest
            {
                Name = "obeys",
                IPv6 = true,
                Subnets = [new SubnetRequest { Subnet = "10.99.0.0/24" }, new SubnetRequest { Subnet = "fd00:99::/64" }],
                Options = new Dictionary<string, string> { [Option] = "true" },
            },
            CancellationToken.None);
        var obeys = await net.ConnectAsync(new EndpointRequest
        {
            ContainerId = "obeys",
            NetworkName = "obeys",
            Hostname = "obeys",
            Ports = [Traffic.Tcp(8080, 80), Traffic.Tcp(9090, 80), Traffic.Tcp(8081, 80) with { HostAddress = IPAddress.Parse(Traffic.HostOutside) }, Traffic.Tcp(9091, 80) with { HostAddress = IPAddress.Parse(Traffic.HostOutside) }],
        });
        var other = await net.ConnectAsync("other", Traffic.Tcp(7070, 80));
        using var first = Traffic.Serve(obeys, 80);
        using var second = Traffic.Serve(other, 80);

        (await Traffic.AskAsync(outside.Path, Traffic.HostOutside, 8080)).ShouldBe("hello 192.0.2.2");
        (await Traffic.AskAsync(outside.Path, Traffic.HostOutside6, 8080)).ShouldBe("hello 2001:db8::2");
        (await Traffic.AskAsync(outside.Path, Traffic.HostOutside, 8081)).ShouldBe("hello 192.0.2.2");
        (await Traffic.AskAsync(outside.Path, Traffic.HostOutside, 7070)).ShouldBe("hello 192.0.2.2");
        (await Traffic.NothingAnswersAsync(outside.Path, Traffic.HostOutside, 9090)).ShouldBeTrue();
        (await Traffic.NothingAnswersAsync(outside.Path, Traffic.HostOutside6, 9090)).ShouldBeTrue();
        (await Traffic.NothingAnswersAsync(outside.Path, Traffic.HostOutside, 9091)).ShouldBeTrue();

        // Ports come and go as elements; nothing is left of them.
        await net.Service.DisconnectAsync("obeys", CancellationToken.None);
        foreach (var set in new[] { "asked", "asked-on", "asked6" })
            net.Host.Elements(NetworkFixture.Bridge, set).ShouldBe(0, set);
    }

    [Fact]
    public async Task Datagrams_ask_too()
    {
        await using var net = await NetworkFixture.OpenAsync(o => o with { HostPolicy = true });
        using var outside = Traffic.JoinOutside(net);
        LetIn(net, 5353);
        var names = await net.ConnectAsync("names", new PortRequest { Protocol = PortProtocol.Udp, HostPort = 5353, ContainerPort = 53 });
        using var server = Traffic.ServeUdp(names, 53);

        // The first one only asks, as one that is lost on its way: who speaks by datagrams repeats them.
        using var client = outside.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        await client.ConnectAsync(IPAddress.Parse(Traffic.HostOutside), 5353);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[100];
        var receiving = client.ReceiveAsync(buffer, patience.Token).AsTask();
        while (await Task.WhenAny(receiving, Task.Delay(50, patience.Token)) != receiving)
            await client.SendAsync("who am I"u8.ToArray(), patience.Token);
        Encoding.ASCII.GetString(buffer, 0, await receiving).ShouldBe("hello 192.0.2.2");
    }

    /// <summary>What a firewall's front end leaves behind: answers and some ports come in, nothing else.</summary>
    private static void LetIn(NetworkFixture net, params ReadOnlySpan<ushort> ports)
    {
        List<NftElement> elements = [];
        foreach (var port in ports)
            elements.AddRange([new NftElement("allowed", [NftField.Protocol(6), NftField.Port(port)], []), new NftElement("allowed", [NftField.Protocol(17), NftField.Port(port)], [])]);
        net.Host.Run(() =>
        {
            using var nft = NftSocket.Open();
            nft.Make(new NftTable
            {
                Name = "ufw",
                Maps = [new NftMap("allowed", [NftType.Protocol, NftType.Port], []), new NftMap("closed", [NftType.Protocol, NftType.Port], [])],
                Elements = [.. elements, new NftElement("closed", [NftField.Protocol(6), NftField.Port(9090)], [])],
                Chains =
                [
                    new NftChain
                    {
                        Name = "input",
                        Hook = new NftHook("filter", NftHookPoint.Input, 0),
                        Rules =
                        [
                            new NftRule("answers", new NftEstablished(), new NftVerdict(NftVerdictKind.Accept)),
                            new NftRule("chosen ports", new NftPortInSet(null, "allowed"), new NftVerdict(NftVerdictKind.Accept)),
                            new NftRule("everything else from outside", new NftInterface(Incoming: true, "out0"), new NftVersion(Version6: false), new NftVerdict(NftVerdictKind.Drop)),
                            new NftRule("of version 6, where neighbours look for each other, too, a port", new NftInterface(Incoming: true, "out0"), new NftPortInSet(null, "closed"), new NftVerdict(NftVerdictKind.Drop)),
                        ],
                    },
                ],
            });
        });
    }
}
