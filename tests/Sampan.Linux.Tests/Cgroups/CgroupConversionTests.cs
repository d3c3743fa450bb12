using System.Text;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Cgroups.V2;

namespace Sampan.Linux.Tests.Cgroups;

public sealed class CgroupConversionTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    [InlineData(1024, 100)]
    [InlineData(262144, 10000)]
    [InlineData(1000000, 10000)]
    public void Shares_meet_the_weight_at_both_ends_and_the_default(int shares, int weight) =>
        CgroupConversions.SharesToWeight((ulong)shares).ShouldBe((ulong)weight);

    [Fact]
    public void More_shares_never_weigh_less()
    {
        var last = 0UL;
        for (ulong shares = 2; shares <= 262144; shares += 7)
        {
            var weight = CgroupConversions.SharesToWeight(shares);
            weight.ShouldBeInRange(Math.Max(1, last), 10000UL);
            last = weight;
        }
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(500, 4950)]
    [InlineData(1000, 10000)]
    public void Block_io_weight_is_linear(int weight, int expected) =>
        CgroupConversions.BlockIoWeightToIoWeight((ushort)weight).ShouldBe((ulong)expected);

    [Theory]
    [InlineData(50000L, 100000, "50000 100000")]
    [InlineData(-1L, 100000, "max 100000")]
    [InlineData(null, 50000, "max 50000")]
    public void Cpu_max(long? quota, int period, string expected) => CgroupConversions.CpuMax(quota, (ulong)period).ShouldBe(expected);

    [Theory]
    [InlineData(100L, 300L, true, "200")]
    [InlineData(100L, 100L, true, "0")]
    [InlineData(100L, -1L, true, "max")]
    [InlineData(null, -1L, true, "max")]
    [InlineData(null, 100L, false, "max")]
    [InlineData(-1L, 100L, false, "max")]
    [InlineData(100L, 50L, false, "max")]
    public void Swap_is_what_goes_beyond_memory(long? memory, long both, bool sound, string expected)
    {
        CgroupConversions.TrySwapMax(memory, both, out var value).ShouldBe(sound);
        value.ShouldBe(expected);
    }

    [Fact]
    public void Io_stat_lines()
    {
        var stats = CgroupV2.ParseIoStat(Encoding.UTF8.GetBytes("8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0\n8:0\n254:0 rbytes=4096 rios=1\nnonsense x=1\n"));
        stats.Count.ShouldBe(2);
        (stats[0].Device.ToString(), stats[0].ReadBytes, stats[0].WrittenBytes, stats[0].Reads, stats[0].Writes).ShouldBe(("8:16", 1459200UL, 314773504UL, 192UL, 353UL));
        stats[1].ReadBytes.ShouldBe(4096UL);
    }
}
