using Sampan.Linux.Cgroups;

namespace Sampan.Linux.Tests.Cgroups;

/// <summary>Controllers of v1 that few kernels have: what would be written to their files, on files of our own. Where they are missing the limit is refused by name (CgroupTests).</summary>
public sealed class RareControllerTests : IDisposable
{
    private static readonly string[] s_files = ["net_cls/net_cls.classid", "net_prio/net_prio.ifpriomap", "rdma/rdma.max", "hugetlb/hugetlb.2MB.limit_in_bytes", "hugetlb/hugetlb.2MB.rsvd.limit_in_bytes"];

    private readonly string _root = Directory.CreateTempSubdirectory("sampan-cgroups").FullName;
    private readonly ICgroup _group;

    public RareControllerTests()
    {
        foreach (var file in s_files)
        {
            Directory.CreateDirectory($"{_root}/{Path.GetDirectoryName(file)}/web");
            File.WriteAllText(Place(file), "");
        }
        _group = CgroupHost.Of(new CgroupLayout
        {
            Mode = CgroupMode.V1,
            Hierarchies = [.. ((string[])["net_cls", "net_prio", "rdma", "hugetlb"]).Select(name => new CgroupHierarchy($"{_root}/{name}", [name]))],
        }).Open("/web");
    }

    private string Place(string file) => $"{_root}/{Path.GetDirectoryName(file)}/web/{Path.GetFileName(file)}";

    public void Dispose()
    {
        _group.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void Class_and_priorities_of_the_network_are_written_as_the_kernel_reads_them()
    {
        _group.Apply(new CgroupResources { NetworkClass = 0x10_0001, NetworkPriorities = [("eth0", 5)] });
        File.ReadAllText(Place("net_cls/net_cls.classid")).ShouldBe("1048577");
        File.ReadAllText(Place("net_prio/net_prio.ifpriomap")).ShouldBe("eth0 5");
    }

    [Fact]
    public void Rdma_devices_are_limited()
    {
        _group.Apply(new CgroupResources { Rdma = [new RdmaLimit("mlx4_0", 2, null)] });
        File.ReadAllText(Place("rdma/rdma.max")).ShouldBe("mlx4_0 hca_handle=2 hca_object=max");
    }

    [Fact]
    public void Huge_pages_are_limited_with_their_reservations()
    {
        _group.Apply(new CgroupResources { HugePages = [new HugePageLimit("2MB", 4 << 20)] });
        File.ReadAllText(Place("hugetlb/hugetlb.2MB.limit_in_bytes")).ShouldBe("4194304");
        File.ReadAllText(Place("hugetlb/hugetlb.2MB.rsvd.limit_in_bytes")).ShouldBe("4194304");
    }
}
