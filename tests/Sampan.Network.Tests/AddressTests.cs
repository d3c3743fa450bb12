using System.Net;
using Sampan.Network.Addresses;
using Sampan.Network.Ports;

namespace Sampan.Network.Tests;

public class AddressTests
{
    [Theory]
    [InlineData("172.17.0.1/16", "172.17.0.0/16", "172.17.255.255", 65534u)]
    [InlineData("10.0.0.200/30", "10.0.0.200/30", "10.0.0.203", 2u)]
    [InlineData("192.168.1.129/25", "192.168.1.128/25", "192.168.1.255", 126u)]
    [InlineData("fd00:1:2::1/64", "fd00:1:2::/64", "fd00:1:2:0:ffff:ffff:ffff:ffff", ulong.MaxValue - 1)]
    [InlineData("fd00::5/126", "fd00::4/126", "fd00::7", 2u)]
    public void A_subnet_is_read_from_an_address_in_it(string text, string subnet, string broadcast, ulong hosts)
    {
        Subnet.TryParse(text, out var parsed, out var address).ShouldBeTrue();

        parsed.ToString().ShouldBe(subnet);
        parsed.Broadcast.ShouldBe(IPAddress.Parse(broadcast));
        parsed.HostCount.ShouldBe((UInt128)hosts);
        address.ShouldBe(IPAddress.Parse(text.Split('/')[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("172.17.0.1")]
    [InlineData("172.17.0.1/")]
    [InlineData("172.17.0.1/31")]
    [InlineData("172.17.0.1/0")]
    [InlineData("172.17.0.1/-1")]
    [InlineData("172.17.1/16")]
    [InlineData("172.17.0.256/16")]
    [InlineData("fd00::1/127")]
    [InlineData("fd00::1%2/64")]
    [InlineData("::ffff:10.0.0.1/112")]
    [InlineData("fd00::g/64")]
    [InlineData("172.17.0.1/16/16")]
    [InlineData("172.17.0.1/ 16")]
    public void What_is_no_subnet_is_refused(string text) => Subnet.TryParse(text, out _, out _).ShouldBeFalse();

    [Theory]
    [InlineData("172.17.3.0", 24, true)]
    [InlineData("172.0.0.0", 8, true)]
    [InlineData("172.18.0.0", 16, false)]
    [InlineData("0.0.0.0", 0, true)]
    public void Overlapping_subnets_are_known(string network, int length, bool overlaps) =>
        Parse("172.17.0.1/16").Overlaps(IPAddress.Parse(network), length).ShouldBe(overlaps);

    [Theory]
    [InlineData("fd00:1::", 48, true)]
    [InlineData("::", 0, true)]
    [InlineData("fd00:1:0:1::", 64, false)]
    [InlineData("172.17.0.0", 16, false)]
    public void Subnets_of_version_6_overlap_among_themselves_only(string network, int length, bool overlaps) =>
        Parse("fd00:1::1/64").Overlaps(IPAddress.Parse(network), length).ShouldBe(overlaps);

    [Fact]
    public void Subnets_of_version_6_are_this_machines_own_and_stay_so()
    {
        var pools = new SubnetPools([]);
        pools.AddUniqueLocal("a machine");
        var first = pools.Choose([], version6: true);
        var second = pools.Choose([(first.Network, first.PrefixLength)], version6: true);

        first.PrefixLength.ShouldBe(64);
        first.Network.GetAddressBytes()[0].ShouldBe((byte)0xFD);
        SubnetPools.UniqueLocal("a machine").Contains(second).ShouldBeTrue();
        second.ShouldNotBe(first);
        SubnetPools.UniqueLocal("another machine").Overlaps(first).ShouldBeFalse();
        pools.Choose([]).ToString().ShouldBe("172.18.0.0/16");
    }

    [Fact]
    public void Addresses_of_version_6_are_handed_out_in_order()
    {
        var pool = new AddressPool(Parse("fd00::1/64"), IPAddress.Parse("fd00::1"), "n");

        pool.TakeNext().ToString().ShouldBe("fd00::2");
        pool.Take(IPAddress.Parse("fd00::1234:5678"));
        pool.TakeNext().ToString().ShouldBe("fd00::3");
        Should.Throw<NetworkException>(() => pool.Take(IPAddress.Parse("fd00::0003"))).Kind.ShouldBe(NetworkError.Conflict);
        HardwareAddress.From(IPAddress.Parse("fd00::3")).ToString().ShouldBe("02:42:00:00:00:03");
    }

    [Fact]
    public void Addresses_are_handed_out_in_order_and_a_freed_one_last()
    {
        var pool = new AddressPool(Parse("10.0.0.1/29"), IPAddress.Parse("10.0.0.1"), "bridge");

        pool.TakeNext().ToString().ShouldBe("10.0.0.2");
        pool.TakeNext().ToString().ShouldBe("10.0.0.3");
        pool.Free(IPAddress.Parse("10.0.0.2"));
        pool.TakeNext().ToString().ShouldBe("10.0.0.4");
        pool.TakeNext().ToString().ShouldBe("10.0.0.5");
        pool.TakeNext().ToString().ShouldBe("10.0.0.6");
        pool.TakeNext().ToString().ShouldBe("10.0.0.2");
        Should.Throw<NetworkException>(() => pool.TakeNext()).Kind.ShouldBe(NetworkError.Exhausted);
    }

    [Fact]
    public void The_gateway_the_network_and_the_broadcast_address_are_nobodys()
    {
        var pool = new AddressPool(Parse("10.0.0.1/29"), IPAddress.Parse("10.0.0.1"), "bridge");

        Should.Throw<NetworkException>(() => pool.Take(IPAddress.Parse("10.0.0.1"))).Kind.ShouldBe(NetworkError.Conflict);
        Should.Throw<NetworkException>(() => pool.Take(IPAddress.Parse("10.0.0.0"))).Kind.ShouldBe(NetworkError.InvalidInput);
        Should.Throw<NetworkException>(() => pool.Take(IPAddress.Parse("10.0.0.7"))).Kind.ShouldBe(NetworkError.InvalidInput);
        Should.Throw<NetworkException>(() => pool.Take(IPAddress.Parse("10.0.0.8"))).Kind.ShouldBe(NetworkError.InvalidInput);
        Should.Throw<NetworkException>(() => pool.Take(IPAddress.Parse("fd00::1"))).Kind.ShouldBe(NetworkError.InvalidInput);
    }

    [Fact]
    public void Addresses_of_records_are_taken_and_the_order_goes_on_behind_them()
    {
        var pool = new AddressPool(Parse("10.0.0.1/24"), IPAddress.Parse("10.0.0.1"), "bridge");
        pool.Restore(IPAddress.Parse("10.0.0.9"));
        pool.Restore(IPAddress.Parse("192.0.2.9")); // of another subnet: the options were changed

        pool.TakeNext().ToString().ShouldBe("10.0.0.10");
        Should.Throw<NetworkException>(() => pool.Take(IPAddress.Parse("10.0.0.9"))).Message.ShouldContain("address already in use");
    }

    [Fact]
    public void A_hardware_address_follows_from_the_address() =>
        HardwareAddress.From(IPAddress.Parse("172.17.0.2")).ToString().ShouldBe("02:42:ac:11:00:02");

    [Theory]
    [InlineData("02:42:ac:11:00:02", "02:42:ac:11:00:02")]
    [InlineData("02-42-AC-11-00-02", "02:42:ac:11:00:02")]
    [InlineData("01:00:5e:00:00:01", null)] // a group
    [InlineData("00:00:00:00:00:00", null)]
    [InlineData("02:42:ac:11:00", null)]
    [InlineData("02:42:ac:11:00:0g", null)]
    [InlineData("2:42:ac:11:0:2", null)]
    [InlineData("", null)]
    public void Hardware_addresses_are_read_strictly(string text, string? expected)
    {
        HardwareAddress.TryParse(text, out var parsed).ShouldBe(expected is not null);
        parsed?.ToString().ShouldBe(expected);
    }

    [Theory]
    [InlineData("32768\t60999", 32768, 60999)]
    [InlineData("1024 2048", 1024, 2048)]
    [InlineData("5 1", 49153, 65535)]
    [InlineData("0 99999", 49153, 65535)]
    [InlineData(null, 49153, 65535)]
    public void The_ephemeral_range_is_the_kernels_or_dockers(string? text, int first, int last)
    {
        var range = PortRange.Parse(text);

        (range.First, range.Last).ShouldBe(((ushort)first, (ushort)last));
    }

    [Fact]
    public void Hundreds_of_networks_fit_and_none_collides_with_a_route()
    {
        var pools = new SubnetPools([]);
        List<(IPAddress Network, int PrefixLength)> taken = [(IPAddress.Parse("172.17.0.0"), 16), (IPAddress.Parse("172.24.8.0"), 21)];
        HashSet<string> chosen = [];
        for (var i = 0; i < 300; i++)
        {
            var subnet = pools.Choose(taken);
            taken.ShouldNotContain(t => subnet.Overlaps(t.Network, t.PrefixLength));
            taken.Add((subnet.Network, subnet.PrefixLength));
            chosen.Add(subnet.ToString()).ShouldBeTrue();
        }

        chosen.First().ShouldBe("172.18.0.0/16");
        chosen.Last().ShouldStartWith("172.28.", Case.Sensitive);
    }

    [Fact]
    public void A_pool_that_is_used_up_says_what_to_do()
    {
        var pools = new SubnetPools([new("10.9.0.0/29", 30)]);

        var first = pools.Choose([]);
        var second = pools.Choose([(first.Network, 30)]);
        second.ToString().ShouldBe("10.9.0.4/30");
        var refusal = Should.Throw<NetworkException>(() => pools.Choose([(first.Network, 30), (second.Network, 30)]));
        refusal.Kind.ShouldBe(NetworkError.Exhausted);
        refusal.Message.ShouldContain("--default-address-pool");
    }

    [Theory]
    [InlineData("10.9.0.0/24", 23)]
    [InlineData("10.9.0.0/24", 31)]
    [InlineData("banana", 24)]
    public void A_pool_that_makes_no_sense_is_refused(string range, int size) =>
        Should.Throw<NetworkException>(() => new SubnetPools([new(range, size)])).Kind.ShouldBe(NetworkError.InvalidInput);

    [Fact]
    public void A_range_is_where_addresses_come_from_and_auxiliary_ones_are_nobodys()
    {
        var subnet = Parse("10.0.0.1/24");
        var pool = new AddressPool(subnet, IPAddress.Parse("10.0.0.254"), "n", Parse("10.0.0.8/30"), [IPAddress.Parse("10.0.0.9")]);

        pool.TakeNext().ToString().ShouldBe("10.0.0.8");
        pool.TakeNext().ToString().ShouldBe("10.0.0.10");
        pool.Take(IPAddress.Parse("10.0.0.100")); // a fixed one may lie outside of the range
        pool.TakeNext().ToString().ShouldBe("10.0.0.11");
        Should.Throw<NetworkException>(() => pool.TakeNext()).Kind.ShouldBe(NetworkError.Exhausted);
        Should.Throw<NetworkException>(() => pool.Take(IPAddress.Parse("10.0.0.9"))).Kind.ShouldBe(NetworkError.Conflict);
        pool.Free(IPAddress.Parse("10.0.0.8"));
        pool.TakeNext().ToString().ShouldBe("10.0.0.8");
    }

    private static Subnet Parse(string text)
    {
        Subnet.TryParse(text, out var subnet, out _).ShouldBeTrue();
        return subnet;
    }
}
