using Sampan.Cli.Commands;
using Sampan.Cli.Commands.Networks;

namespace Sampan.Cli.Tests.Requests;

public class SubnetFlagTests
{
    private static readonly Dictionary<string, string> s_none = [];

    [Fact]
    public void Each_range_gateway_and_auxiliary_address_belongs_to_the_subnet_it_lies_in()
    {
        var subnets = SubnetFlags.Combine(["10.1.0.0/16", "fd00:1::/64"], ["fd00:1::100/120"], ["fd00:1::1", "10.1.0.1"], new Dictionary<string, string> { ["a"] = "10.1.0.5", ["b"] = "fd00:1::5" });

        subnets.Select(s => (s.Subnet, s.IPRange, s.Gateway)).ShouldBe([("10.1.0.0/16", null, "10.1.0.1"), ("fd00:1::/64", "fd00:1::100/120", "fd00:1::1")]);
        subnets[0].AuxiliaryAddresses.ShouldBe(new Dictionary<string, string> { ["a"] = "10.1.0.5" });
        subnets[1].AuxiliaryAddresses.ShouldBe(new Dictionary<string, string> { ["b"] = "fd00:1::5" });
        SubnetFlags.Combine([], [], [], s_none).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("10.1.0.0/16", "10.2.0.0/24", "", "no matching subnet for ip-range 10.2.0.0/24")]
    [InlineData("10.1.0.0/16", "", "10.2.0.1", "no matching subnet for gateway 10.2.0.1")]
    [InlineData("", "", "10.2.0.1", "every ip-range or gateway must have a corresponding subnet")]
    [InlineData("10.1.0.0/16", "", "10.1.0.1 10.1.0.2", "every ip-range or gateway must have a corresponding subnet")]
    [InlineData("10.1.0.0/16 10.3.0.0/16", "", "10.1.0.1 10.1.0.2", "cannot configure multiple gateways (10.1.0.2, 10.1.0.1) on the same subnet (10.1.0.0/16)")]
    [InlineData("10.1.0.0/16 10.1.2.0/24", "", "", "multiple overlapping subnet configuration is not supported")]
    [InlineData("banana", "", "", "invalid CIDR address")]
    [InlineData("10.1.0.0/33", "", "", "invalid CIDR address")]
    [InlineData("10.1.0.0/16", "", "banana", "invalid address banana")]
    public void What_fits_nowhere_is_refused(string subnets, string ranges, string gateways, string words) =>
        Should.Throw<CommandException>(() => SubnetFlags.Combine(Words(subnets), Words(ranges), Words(gateways), s_none)).Message.ShouldContain(words);

    [Fact]
    public void Bits_of_the_host_are_left_to_the_engine() =>
        SubnetFlags.Combine(["10.1.0.7/16"], [], ["10.1.0.1"], s_none).Single().Subnet.ShouldBe("10.1.0.7/16");

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
