using System.Net;
using Sampan.Linux.Netlink.Route;
using Sampan.Network;

namespace Sampan.Kernel.Tests.Network;

/// <summary>How a bridge network is joined to the outside: Docker's gateway modes and the options beside them.</summary>
public class GatewayModeTests
{
    private const string Prefix = "com.docker.network.";
    private const string Mode = Prefix + "bridge.gateway_mode_ipv4";
    private const string Mode6 = Prefix + "bridge.gateway_mode_ipv6";

    [Theory]
    [InlineData("nat", false, false)]
    [InlineData("nat-unprotected", true, true)]
    [InlineData("routed", true, false)]
    public async Task A_mode_says_what_is_open_at_the_containers_own_address(string mode, bool published, bool unpublished)
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = Traffic.JoinOutside(net);
        var container = await ConnectAsync(net, (Mode, mode), (Mode6, mode));
        using var open = Traffic.Serve(container, 80);
        using var closed = Traffic.Serve(container, 81);
        foreach (var (client, address, host) in new[] { ("192.0.2.2", $"{container.Address}", Traffic.HostOutside), ("2001:db8::2", $"{container.Address6}", Traffic.HostOutside6) })
        {
            await IsOpenAsync(published, outside, address, 80, client);
            await IsOpenAsync(unpublished, outside, address, 81, client);
            await IsOpenAsync(mode != "routed", outside, host, 8080, client);
        }

        // Who is routed goes out as itself.
        container.Ports.ShouldAllBe(p => p.HostPort == (mode == "routed" ? 0 : 8080));
        using var server = Traffic.ServeAt(outside.Path, IPAddress.Any, 7000);
        (await Traffic.AskAsync(container.NetnsPath, "192.0.2.2", 7000)).ShouldBe(mode == "routed" ? $"hello {container.Address}" : "hello 192.0.2.1");
    }

    [Fact]
    public async Task Trusted_interfaces_reach_published_ports_at_the_containers_own_address_and_nothing_else()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = Traffic.JoinOutside(net);
        var container = await ConnectAsync(net, (Prefix + "bridge.trusted_host_interfaces", "lan9:out0"));
        using var open = Traffic.Serve(container, 80);
        using var closed = Traffic.Serve(container, 81);
        await IsOpenAsync(true, outside, $"{container.Address}", 80, "192.0.2.2");
        await IsOpenAsync(false, outside, $"{container.Address}", 81, "");
        await IsOpenAsync(true, outside, Traffic.HostOutside, 8080, "192.0.2.2");
    }

    [Fact]
    public async Task Containers_go_out_with_the_address_that_the_network_names()
    {
        await using var net = await NetworkFixture.OpenAsync();
        using var outside = Traffic.JoinOutside(net);
        net.Host.Run(() =>
        {
            using var route = RouteSocket.Open();
            route.Commit(new RouteBatch().AddAddress(route.FindLink("out0")?.Index ?? 0, IPAddress.Parse("192.0.2.7"), 24));
        });
        var container = await ConnectAsync(net, (Prefix + "host_ipv4", "192.0.2.7"));
        using var server = Traffic.ServeAt(outside.Path, IPAddress.Any, 7000);
        (await Traffic.AskAsync(container.NetnsPath, "192.0.2.2", 7000)).ShouldBe("hello 192.0.2.7");
    }

    [Fact]
    public async Task An_isolated_bridge_has_no_address_and_its_containers_reach_each_other_alone()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var request = Request((Mode, "isolated"), (Mode6, "isolated"));
        (await Should.ThrowAsync<NetworkException>(() => net.Service.CreateAsync(request, CancellationToken.None))).Message.ShouldContain("--internal");
        var network = await net.Service.CreateAsync(request with { Internal = true }, CancellationToken.None);
        AddressesOf(net, network).ShouldBeEmpty();

        var first = await JoinAsync(net, "first");
        var second = await JoinAsync(net, "second");
        using var server = Traffic.Serve(first, 80);
        (await Traffic.AskAsync(second.NetnsPath, $"{first.Address}", 80)).ShouldBe($"hello {second.Address}");
        (await Traffic.NothingAnswersAsync(net.Host.Path, $"{first.Address}", 80)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_bridge_may_do_without_its_address_of_version_4()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var network = await net.Service.CreateAsync(Request((Prefix + "bridge.inhibit_ipv4", "true")), CancellationToken.None);
        AddressesOf(net, network).ShouldBe(["fd00:99::1"]);
        (await JoinAsync(net, "one")).Gateway.ShouldBe(IPAddress.Parse("10.99.0.1"));
    }

    [Theory]
    [InlineData(Mode, "open", "'routed'")]
    [InlineData(Prefix + "bridge.trusted_host_interfaces", "a/b", "a/b")]
    [InlineData(Prefix + "host_ipv4", "::1", "version 4")]
    [InlineData(Prefix + "host_ipv6", "192.0.2.7", "version 6")]
    [InlineData("io.sampan.network.host_policy", "perhaps", "true or false")]
    [InlineData(Prefix + "bridge.default_bridge", "true", "--bridge")]
    public async Task What_makes_no_sense_is_refused_by_name(string option, string value, string told)
    {
        await using var net = await NetworkFixture.OpenAsync();
        var refusal = await Should.ThrowAsync<NetworkException>(() => net.Service.CreateAsync(Request((option, value)), CancellationToken.None));
        refusal.Message.ShouldContain(option);
        refusal.Message.ShouldContain(told);
        Agreement.Check(net);
    }

    private static async Task IsOpenAsync(bool open, TestSpace outside, string address, int port, string client)
    {
        if (open)
            (await Traffic.AskAsync(outside.Path, address, port)).ShouldBe($"hello {client}", $"{address} {port}");
        else
            (await Traffic.NothingAnswersAsync(outside.Path, address, port)).ShouldBeTrue($"{address} {port}");
    }

    private static IReadOnlyList<string> AddressesOf(NetworkFixture net, NetworkRecord network) => net.Host.Run(() =>
    {
        using var route = RouteSocket.Open();
        var bridge = route.FindLink(network.Bridge ?? "")?.Index;
        return (IReadOnlyList<string>)[.. route.Addresses().Where(a => a.Index == bridge && !a.Address.IsIPv6LinkLocal).Select(a => $"{a.Address}")];
    });

    private static async Task<NetworkAttachment> ConnectAsync(NetworkFixture net, params (string Name, string Value)[] options)
    {
        await net.Service.CreateAsync(Request(options), CancellationToken.None);
        return await JoinAsync(net, "one", Traffic.Tcp(8080, 80));
    }

    private static Task<NetworkAttachment> JoinAsync(NetworkFixture net, string id, params IReadOnlyList<PortRequest> ports) =>
        net.ConnectAsync(new EndpointRequest { ContainerId = id, NetworkName = "app", Hostname = id, Ports = ports });

    private static NetworkRequest Request(params (string Name, string Value)[] options) => new()
    {
        Name = "app",
        IPv6 = true,
        Subnets = [new SubnetRequest { Subnet = "10.99.0.0/24" }, new SubnetRequest { Subnet = "fd00:99::/64" }],
        Options = options.ToDictionary(o => o.Name, o => o.Value, StringComparer.Ordinal),
    };
}
