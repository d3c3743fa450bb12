using System.Net;
using Sampan.Network.Bridges;

namespace Sampan.Network.Tests;

/// <summary>Every <c>com.docker.network.*</c> option that Docker documents for a bridge network: what it means, and what it may not be.</summary>
public class BridgeSettingsTests
{
    private const string Prefix = "com.docker.network.";

    [Fact]
    public void Every_option_of_docker_has_its_meaning()
    {
        Read("bridge.name", "app0").Name.ShouldBe("app0");
        Read("bridge.enable_icc", "false").InterContainer.ShouldBeFalse();
        Read("bridge.enable_ip_masquerade", "false").Masquerade.ShouldBeFalse();
        Read("bridge.host_binding_ipv4", "192.0.2.1").BindAddress.ShouldBe(IPAddress.Parse("192.0.2.1"));
        Read("bridge.gateway_mode_ipv4", "nat").Mode.ShouldBe(GatewayMode.Nat);
        Read("bridge.gateway_mode_ipv4", "nat-unprotected").Mode.ShouldBe(GatewayMode.NatUnprotected);
        Read("bridge.gateway_mode_ipv4", "routed").Mode.ShouldBe(GatewayMode.Routed);
        Read("bridge.gateway_mode_ipv6", "isolated").Mode6.ShouldBe(GatewayMode.Isolated);
        Read("bridge.inhibit_ipv4", "true").HasAddress(version6: false).ShouldBeFalse();
        Read("bridge.trusted_host_interfaces", "eth1:wg0:eth1").Trusted.ShouldBe(["eth1", "wg0"]);
        Read("bridge.default_bridge", "false").ShouldBe(new BridgeSettings());
        Read("host_ipv4", "192.0.2.1").Source.ShouldBe(IPAddress.Parse("192.0.2.1"));
        Read("host_ipv6", "2001:db8::1").Source6.ShouldBe(IPAddress.Parse("2001:db8::1"));
        Read("driver.mtu", "1400").Mtu.ShouldBe(1400);
        Read("container_iface_prefix", "net").LinkPrefix.ShouldBe("net");
        Read("container_interface_prefix", "net").LinkPrefix.ShouldBe("net");
        BridgeSettings.Parse(new Dictionary<string, string>()).ShouldSatisfyAllConditions(
            s => s.InterContainer.ShouldBeTrue(), s => s.Masquerade.ShouldBeTrue(), s => s.LinkPrefix.ShouldBe("eth"), s => s.Mode.ShouldBe(GatewayMode.Nat), s => s.HasAddress(version6: false).ShouldBeTrue());
    }

    [Theory]
    [InlineData("bridge.name", "a name")]
    [InlineData("bridge.name", "longer-than-15-bytes")]
    [InlineData("bridge.enable_icc", "perhaps")]
    [InlineData("bridge.enable_ip_masquerade", "")]
    [InlineData("bridge.host_binding_ipv4", "::1")]
    [InlineData("bridge.gateway_mode_ipv4", "bridged")]
    [InlineData("bridge.gateway_mode_ipv6", "NAT")]
    [InlineData("bridge.inhibit_ipv4", "2")]
    [InlineData("bridge.trusted_host_interfaces", "eth0:../x")]
    [InlineData("bridge.default_bridge", "true")]
    [InlineData("bridge.host_binding_ipv6", "::1")]
    [InlineData("enable_ipv6", "true")]
    [InlineData("host_ipv4", "2001:db8::1")]
    [InlineData("host_ipv6", "192.0.2.1")]
    [InlineData("driver.mtu", "67")]
    [InlineData("driver.mtu", "-1")]
    [InlineData("container_iface_prefix", "twelve-bytes")]
    [InlineData("no_such_option", "1")]
    public void A_value_that_cannot_be_is_refused_with_the_options_name(string option, string value) =>
        Should.Throw<NetworkException>(() => Read(option, value)).Message.ShouldContain(Prefix + option);

    private static BridgeSettings Read(string option, string value) => BridgeSettings.Parse(new Dictionary<string, string> { [Prefix + option] = value });
}
