using Sampan.Network;

namespace Sampan.Kernel.Tests.Network;

/// <summary>Networks that others are made from (<c>--config-only</c>, <c>--config-from</c>).</summary>
public class ConfigurationTests
{
    [Fact]
    public async Task A_configuration_outlives_the_daemon_and_has_no_bridge()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var kept = await CreateAsync(net, new NetworkRequest
        {
            Name = "kept",
            ConfigurationOnly = true,
            IPv6 = true,
            Subnets = [new SubnetRequest { Subnet = "10.99.0.0/24", Gateway = "10.99.0.9", Range = "10.99.0.128/25", Auxiliary = new Dictionary<string, string> { ["printer"] = "10.99.0.130" } }],
            Options = new Dictionary<string, string> { ["com.docker.network.driver.mtu"] = "1400" },
            Labels = new Dictionary<string, string> { ["made"] = "of" },
        });
        (kept.Driver, kept.Bridge, kept.Subnets.Count).ShouldBe(("null", null, 0));
        await net.StopAsync();
        await net.StartAsync();
        Agreement.Check(net);

        var made = await CreateAsync(net, new NetworkRequest { Name = "made", ConfigurationName = "kept", Internal = true });
        (made.Driver, made.ConfigurationName, made.Mtu, made.Internal, made.Labels["made"]).ShouldBe(("bridge", "kept", 1400, true, "of"));
        (made.Subnets[0].Subnet, made.Subnets[0].Gateway.ToString(), made.Subnets[0].Range, made.Subnets[0].Auxiliary["printer"]).ShouldBe(("10.99.0.0/24", "10.99.0.9", "10.99.0.128/25", "10.99.0.130"));
        made.Subnets[1].Subnet.ShouldContain(":");

        // Also after a restart it stays as long as a network was made from it.
        await net.StopAsync();
        await net.StartAsync();
        (await Refused(() => net.Service.RemoveAsync(kept.Id, CancellationToken.None))).ShouldBe(NetworkError.Forbidden);
        await net.Service.RemoveAsync(made.Id, CancellationToken.None);
        await net.Service.RemoveAsync(kept.Id, CancellationToken.None);
        Agreement.Check(net);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_and_leaves_nothing()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await CreateAsync(net, new NetworkRequest { Name = "kept", ConfigurationOnly = true });
        foreach (var (request, why) in new[]
        {
            (new NetworkRequest { Name = "x", ConfigurationOnly = true, ConfigurationName = "kept" }, NetworkError.Forbidden),
            (new NetworkRequest { Name = "x", ConfigurationOnly = true, Attachable = true }, NetworkError.Forbidden),
            (new NetworkRequest { Name = "x", ConfigurationOnly = true, Subnets = [new SubnetRequest { Subnet = "banana" }] }, NetworkError.InvalidInput),
            (new NetworkRequest { Name = "x", ConfigurationOnly = true, Subnets = [new SubnetRequest { Gateway = "10.1.0.1" }] }, NetworkError.InvalidInput),
            (new NetworkRequest { Name = "kept", ConfigurationOnly = true }, NetworkError.Conflict),
            (new NetworkRequest { Name = "x", ConfigurationName = "bridge" }, NetworkError.NotFound),
            (new NetworkRequest { Name = "x", ConfigurationName = "kept", IPv6 = true }, NetworkError.Forbidden),
            (new NetworkRequest { Name = "x", AddressDriver = "null" }, NetworkError.InvalidInput),
        })
            (await Refused(() => CreateAsync(net, request))).ShouldBe(why, request.ToString());

        (await Refused(() => net.ConnectAsync(new EndpointRequest { ContainerId = "c", NetworkName = "kept", Hostname = "c" }))).ShouldBe(NetworkError.Forbidden);
        net.Service.Networks.Count.ShouldBe(4);
        Agreement.Check(net);
    }

    private static Task<NetworkRecord> CreateAsync(NetworkFixture net, NetworkRequest request) => net.Service.CreateAsync(request, CancellationToken.None);

    private static async Task<NetworkError> Refused(Func<Task> act) => (await Should.ThrowAsync<NetworkException>(act)).Kind;
}
