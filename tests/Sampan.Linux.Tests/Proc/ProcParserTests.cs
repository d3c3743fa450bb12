using System.Text;
using Sampan.Linux.Proc;

namespace Sampan.Linux.Tests.Proc;

public sealed class ProcParserTests
{
    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void Mount_line_of_the_man_page()
    {
        MountInfoEntry.TryParse("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue"u8, out var entry, out var reason).ShouldBeTrue(reason);
        entry.ShouldNotBeNull();
        (entry.Id, entry.ParentId, entry.Device.ToString(), entry.Root, entry.MountPoint).ShouldBe((36, 35, "98:0", "/mnt1", "/mnt2"));
        (entry.Options, entry.MasterGroup, entry.SharedGroup, entry.FileSystem, entry.Source, entry.SuperOptions).ShouldBe(("rw,noatime", 1, null, "ext3", "/dev/root", "rw,errors=continue"));
    }

    [Fact]
    public void Mount_point_with_escapes_and_several_tags()
    {
        MountInfoEntry.TryParse(@"1 2 0:3 / /a\040b\134c\011 rw shared:7 master:9 propagate_from:2 unbindable future:1 - tmpfs none rw"u8, out var entry, out _).ShouldBeTrue();
        entry!.MountPoint.ShouldBe("/a b\\c\t");
        (entry.SharedGroup, entry.MasterGroup, entry.Unbindable).ShouldBe((7, 9, true));
    }

    [Theory]
    [InlineData("", "mount id")]
    [InlineData("x 1 0:1 / / rw - t s o", "mount id")]
    [InlineData("1 2 01 / / rw - t s o", "major:minor")]
    [InlineData("1 2 0:1 / / rw", "separator")]
    [InlineData("1 2 0:1 / / rw - tmpfs", "fields 9 and 10")]
    public void Wrong_mount_lines_say_why(string line, string why)
    {
        MountInfoEntry.TryParse(Bytes(line), out _, out var reason).ShouldBeFalse();
        reason.ShouldNotBeNull().ShouldContain(why);
    }

    [Fact]
    public void Own_mount_table_reads()
    {
        MountInfo.ReadOwn().ShouldContain(mount => mount.MountPoint == "/");
        MountInfo.TryParse("1 2 0:1 / / rw - t s o\nrubbish\n"u8, out _, out var reason).ShouldBeFalse();
        reason.ShouldNotBeNull().ShouldStartWith("line 2:");
    }

    [Fact]
    public void Stat_with_a_hostile_name()
    {
        const string line = "4051 (my (odd) S 1) S 1 4052 4053 34816 4054 4194560 99 0 0 0 12 7 0 0 20 0 3 0 88437 2355200 90 18446744073709551615\n";
        ProcessStat.TryParse(Bytes(line), out var stat, out var reason).ShouldBeTrue(reason);
        stat.ShouldNotBeNull();
        (stat.Pid, stat.Command, stat.State, stat.ParentPid, stat.ProcessGroup, stat.Session, stat.Terminal).ShouldBe((4051, "my (odd) S 1", 'S', 1, 4052, 4053, 34816));
        (stat.UserTicks, stat.SystemTicks, stat.ThreadCount, stat.StartTicks).ShouldBe((12L, 7L, 3, 88437UL));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12 no parentheses")]
    [InlineData("(x) S 1")]
    [InlineData("12 (x) S 1 2 3")]
    [InlineData("12 (x) S 1 2 a 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19")]
    public void Wrong_stat_says_why(string line)
    {
        ProcessStat.TryParse(Bytes(line), out var stat, out var reason).ShouldBeFalse();
        stat.ShouldBeNull();
        reason.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void Own_files_read_and_missing_processes_are_null()
    {
        var pid = Environment.ProcessId;
        ProcessStat.Read(pid).ShouldNotBeNull().Pid.ShouldBe(pid);
        var status = ProcessStatus.Read(pid).ShouldNotBeNull();
        status.Pid.ShouldBe(pid);
        status.ResidentBytes.ShouldNotBeNull().ShouldBeGreaterThan(1 << 20);
        status.Bounding.ShouldNotBeNull();
        CgroupMembership.Read(pid).ShouldNotBeNull().ShouldNotBeEmpty();
        ProcessStat.Read(int.MaxValue).ShouldBeNull();
        ProcessStatus.Read(int.MaxValue).ShouldBeNull();
        CgroupMembership.Read(int.MaxValue).ShouldBeNull();
    }

    [Fact]
    public void Cgroup_lines()
    {
        CgroupMembership.TryParse("5:cpuacct,cpu:/a:b"u8, out var v1, out _).ShouldBeTrue();
        v1!.Controllers.ShouldBe(["cpuacct", "cpu"]);
        v1.Path.ShouldBe("/a:b");
        CgroupMembership.TryParse("0::/user.slice"u8, out var v2, out _).ShouldBeTrue();
        (v2!.Hierarchy, v2.Controllers.Count).ShouldBe((0, 0));
        CgroupMembership.TryParse("x:y:/z"u8, out _, out _).ShouldBeFalse();
        CgroupMembership.TryParse("5"u8, out _, out _).ShouldBeFalse();
    }

    // Parsers are total: whatever bytes come, they answer.
    [Fact]
    public void Random_bytes_never_throw()
    {
        var random = new Random(20261121);
        byte[] alphabet = [.. "0123456789 :()-/\\\n\tSabc\0\xff"u8];
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(80)];
            for (var j = 0; j < bytes.Length; j++)
                bytes[j] = alphabet[random.Next(alphabet.Length)];
            (!MountInfoEntry.TryParse(bytes, out _, out var whyMountInfoEntry) && whyMountInfoEntry is null).ShouldBeFalse();
            (!MountInfo.TryParse(bytes, out _, out var whyMountInfo) && whyMountInfo is null).ShouldBeFalse();
            (!ProcessStat.TryParse(bytes, out _, out var whyProcessStat) && whyProcessStat is null).ShouldBeFalse();
            (!ProcessStatus.TryParse(bytes, out _, out var whyProcessStatus) && whyProcessStatus is null).ShouldBeFalse();
            (!CgroupMembership.TryParse(bytes, out _, out var whyCgroupMembership) && whyCgroupMembership is null).ShouldBeFalse();
        }
    }
}
