using System.Text;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Proc;

namespace Sampan.Linux.Tests.Cgroups;

public sealed class CgroupLayoutTests
{
    private static CgroupLayout? Parse(params string[] lines)
    {
        MountInfo.TryParse(Encoding.UTF8.GetBytes(string.Join('\n', lines)), out var mounts, out var reason).ShouldBeTrue(reason);
        return CgroupLayout.FromMounts(mounts);
    }

    [Fact]
    public void One_cgroup2_mount_is_v2()
    {
        var layout = Parse("30 23 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot").ShouldNotBeNull();
        (layout.Mode, layout.UnifiedMountPoint, layout.Hierarchies.Count).ShouldBe((CgroupMode.V2, "/sys/fs/cgroup", 0));
    }

    [Fact]
    public void Controllers_beside_cgroup2_are_hybrid()
    {
        var layout = Parse(
            "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw",
            "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
            "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd",
            "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw").ShouldNotBeNull();
        layout.Mode.ShouldBe(CgroupMode.Hybrid);
        layout.Find("cpuacct")!.MountPoint.ShouldBe("/sys/fs/cgroup/cpu,cpuacct");
        layout.Find("name=systemd")!.MountPoint.ShouldBe("/sys/fs/cgroup/systemd");
        layout.Find("memory").ShouldBeNull();
        layout.UnifiedMountPoint.ShouldBe("/sys/fs/cgroup/unified");
    }

    [Fact]
    public void Controllers_alone_are_v1_and_a_second_mount_of_one_counts_once()
    {
        var layout = Parse(
            "32 31 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
            "33 31 0:29 / /mnt/memory rw - cgroup cgroup rw,memory").ShouldNotBeNull();
        layout.Mode.ShouldBe(CgroupMode.V1);
        layout.Hierarchies.ShouldHaveSingleItem().MountPoint.ShouldBe("/sys/fs/cgroup/memory");
    }

    [Fact]
    public void None_is_null() => Parse("1 0 8:1 / / rw - ext4 /dev/sda1 rw").ShouldBeNull();

    [Theory]
    [InlineData("relative/path")]
    [InlineData("/")]
    [InlineData("")]
    [InlineData("/a/../b")]
    [InlineData("/a/./b")]
    [InlineData("/a\0b")]
    [InlineData("/a\nb")]
    public void Unsound_paths_are_refused(string path) =>
        Should.Throw<LinuxException>(() => CgroupPath.Normalize(path)).Errno.ShouldBe(Errno.EINVAL);

    [Fact]
    public void Paths_are_normalised()
    {
        CgroupPath.Normalize("//sampan///x/").ShouldBe("/sampan/x");
        CgroupPath.Parent("/sampan/x").ShouldBe("/sampan");
        CgroupPath.Parent("/sampan").ShouldBe("/");
    }
}
