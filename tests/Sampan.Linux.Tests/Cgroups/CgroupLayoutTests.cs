using System.Text;
using Sampan.Linux.Cgroups;
using Sampan.Linux.Io;
using Sampan.Linux.Proc;

namespace Sampan.Linux.Tests.Cgroups;

public sealed class CgroupLayoutTests
{
    private static CgroupLayout? Parse(params string[] lines)
    {
        MountInfo.TryParse(Encoding.UTF8.GetBytes(string.Join('\n', lines)), out var mounts, out var reason).ShouldBeTrue(reason);
        return CgroupLayout.FromMounts(mounts);
    }

    /// <summary>The layout of a host whose process is in these groups, with cgroup v1 and v2 mounted at these places.</summary>
    private static CgroupLayout? Look(string groups, string[] first, params string[] second)
    {
        var memberships = groups.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            CgroupMembership.TryParse(Encoding.UTF8.GetBytes(line), out var one, out var reason).ShouldBeTrue(reason);
            return one!;
        }).ToArray();
        return CgroupLayout.AtUsualPlaces(memberships, path => first.Contains(path) ? FileSystem.Cgroup : second.Contains(path) ? FileSystem.CgroupV2 : 0x01021994);
    }

    [Fact]
    public void At_the_usual_places_the_mount_table_is_not_needed()
    {
        Look("0::/user.slice", [], "/sys/fs/cgroup").ShouldNotBeNull().Mode.ShouldBe(CgroupMode.V2);

        var hybrid = Look("3:cpu,cpuacct:/ 2:name=systemd:/ 1:memory:/x 0::/", ["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/memory"], "/sys/fs/cgroup/unified").ShouldNotBeNull();
        hybrid.Mode.ShouldBe(CgroupMode.Hybrid);
        hybrid.Find("cpuacct")!.MountPoint.ShouldBe("/sys/fs/cgroup/cpu,cpuacct");
        hybrid.Find("name=systemd")!.MountPoint.ShouldBe("/sys/fs/cgroup/systemd");
        hybrid.UnifiedMountPoint.ShouldBe("/sys/fs/cgroup/unified");

        Look("1:memory:/", ["/sys/fs/cgroup/memory"]).ShouldNotBeNull().Mode.ShouldBe(CgroupMode.V1);
    }

    /// <summary>A v1 hierarchy that somebody mounts for himself does not make a host of v2 one of v1.</summary>
    [Fact]
    public void A_hierarchy_of_somebody_else_leaves_v2_what_it_is() => Look("1:net_cls:/ 0::/", ["/sys/fs/cgroup/net_cls"], "/sys/fs/cgroup").ShouldNotBeNull().Mode.ShouldBe(CgroupMode.V2);

    [Theory]
    [InlineData("2:cpu:/ 1:memory:/", "/sys/fs/cgroup/memory")]
    [InlineData("1:memory:/ 0::/", "/sys/fs/cgroup/memory")]
    [InlineData("1:name=systemd:/", "/sys/fs/cgroup/systemd")]
    [InlineData("1:name=../../tmp:/", "/sys/fs/cgroup/../../tmp")]
    [InlineData("", "")]
    public void What_is_elsewhere_is_looked_for_in_the_mount_table(string groups, string mounted) => Look(groups, [mounted]).ShouldBeNull();

    [Fact]
    public void This_hosts_usual_places_are_those_of_its_mount_table()
    {
        Assert.SkipUnless(File.Exists("/proc/self/cgroup"), "this kernel has no control groups");
        if (CgroupLayout.AtUsualPlaces(CgroupMembership.ReadOwn(), FileSystem.TypeAt) is not { } usual || CgroupLayout.FromMounts(MountInfo.ReadOwn()) is not { } table)
            return; // nothing is mounted, or elsewhere
        usual.UnifiedMountPoint.ShouldBe(table.UnifiedMountPoint);
        usual.Hierarchies.Select(one => one.MountPoint).ShouldBe(table.Hierarchies.Select(one => one.MountPoint), ignoreOrder: true);
        foreach (var one in table.Hierarchies)
            usual.Hierarchies.Single(other => other.MountPoint == one.MountPoint).Controllers.ShouldBe(one.Controllers, ignoreOrder: true);
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
