namespace Sampan.Linux.Tests;

public sealed class CapabilityTests
{
    [Theory]
    [InlineData("CAP_NET_ADMIN", Capability.NetAdmin)]
    [InlineData("net_admin", Capability.NetAdmin)]
    [InlineData("cap_checkpoint_restore", Capability.CheckpointRestore)]
    public void Names_parse(string name, Capability expected)
    {
        CapabilityNames.TryParse(name, out var capability).ShouldBeTrue();
        capability.ShouldBe(expected);
    }

    [Fact]
    public void Every_name_leads_back_to_its_number()
    {
        foreach (var capability in Enum.GetValues<Capability>())
        {
            CapabilityNames.TryParse(capability.ToName(), out var back).ShouldBeTrue();
            back.ShouldBe(capability);
        }

        CapabilityNames.TryParse("CAP_MAKE_COFFEE", out _).ShouldBeFalse();
    }

    [Fact]
    public void Sets_do_set_arithmetic()
    {
        var set = CapabilitySet.Of(Capability.Chown, Capability.Kill);
        set.Bits.ShouldBe(0x21UL);
        set.Without(Capability.Chown).Items().ShouldBe([Capability.Kill]);
        CapabilitySet.All.Count.ShouldBe(41);
        CapabilitySet.All.Except(set).Union(set).ShouldBe(CapabilitySet.All);
        set.ToString().ShouldBe("CAP_CHOWN CAP_KILL");
    }
}
