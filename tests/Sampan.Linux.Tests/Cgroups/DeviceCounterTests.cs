using Sampan.Linux.Cgroups;

namespace Sampan.Linux.Tests.Cgroups;

/// <summary>Counters of huge pages and RDMA devices.</summary>
public sealed class DeviceCounterTests
{
    [Fact]
    public void Huge_pages_are_counted_by_size_and_reservations_left_out()
    {
        using var group = new Scratch();
        File.WriteAllText(group["hugetlb.2MB.current"], "4194304\n");
        File.WriteAllText(group["hugetlb.2MB.rsvd.current"], "9\n");
        File.WriteAllText(group["hugetlb.1GB.current"], "0\n");
        DeviceCounters.HugePages(group.Path, ".current", (size, usage) => new HugePageStatistics(size, usage, null, 1))
            .ShouldBe([new HugePageStatistics("1GB", 0, null, 1), new HugePageStatistics("2MB", 4194304, null, 1)]);
        DeviceCounters.HugePages(group["gone"], ".current", (size, usage) => new HugePageStatistics(size, usage, null, 1)).ShouldBeEmpty();
    }

    [Fact]
    public void Rdma_devices_have_their_limits()
    {
        DeviceCounters.ParseRdma("mlx4_0 hca_handle=2 hca_object=2000\nocrdma1 hca_handle=3 hca_object=0\n"u8, "mlx4_0 hca_handle=10 hca_object=max\n"u8)
            .ShouldBe([new RdmaStatistics("mlx4_0", 2, 2000, 10, null), new RdmaStatistics("ocrdma1", 3, 0, null, null)]);
        DeviceCounters.ParseRdma("nonsense\nmlx4_0 x y\n"u8, ""u8).ShouldBe([new RdmaStatistics("mlx4_0", 0, 0, null, null)]);
        DeviceCounters.ParseRdma(default, default).ShouldBeEmpty();
    }
}
