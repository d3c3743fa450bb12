using System.Text;
using Sampan.Linux.Accounts;
using Sampan.Linux.Io;

namespace Sampan.Linux.Tests.Accounts;

public sealed class UserLookupTests
{
    private const string Passwd = """
        # comment
        root:x:0:0:root:/root:/bin/bash
        daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin

        www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
        1000:x:0:0:trap:/root:/bin/sh
        alice:x:1000:1000::/home/alice:/bin/sh
        broken:x:zero:0::/:/bin/sh
        overflow:x:4294967296:0::/:/bin/sh
        nohome:x:7:7
        """;

    private const string Group = """
        root:x:0:
        wheel:x:10:root,alice
        www-data:x:33:
        alice:x:1000:
        docker:x:999:alice
        999:x:0:mallory
        bad:x:-5:carol
        """;

    private static ResolvedUser Resolve(string? user, params string[] more)
    {
        UserLookup.TryResolve(user, Encoding.UTF8.GetBytes(Passwd), Encoding.UTF8.GetBytes(Group), more, out var resolved, out var reason).ShouldBeTrue(reason);
        return resolved.ShouldNotBeNull();
    }

    private static string Refuse(string? user, params string[] more)
    {
        UserLookup.TryResolve(user, Encoding.UTF8.GetBytes(Passwd), Encoding.UTF8.GetBytes(Group), more, out var resolved, out var reason).ShouldBeFalse();
        resolved.ShouldBeNull();
        return reason.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(null, 0, 0, "0 10", "/root")]
    [InlineData("", 0, 0, "0 10", "/root")]
    [InlineData("root", 0, 0, "0 10", "/root")]
    [InlineData("alice", 1000, 1000, "1000 10 999", "/home/alice")]
    [InlineData("1000", 1000, 1000, "1000 10 999", "/home/alice")]
    [InlineData("alice:docker", 1000, 999, "999", "/home/alice")]
    [InlineData("alice:5", 1000, 5, "5", "/home/alice")]
    [InlineData("4711", 4711, 0, "0", "/")]
    [InlineData("4711:4712", 4711, 4712, "4712", "/")]
    [InlineData("2147483647:2147483647", 2147483647, 2147483647, "2147483647", "/")]
    [InlineData(":docker", 0, 999, "999", "/root")]
    [InlineData("nohome", 7, 7, "7", "/")]
    public void Resolves_as_docker_does(string? user, int uid, int gid, string groups, string home)
    {
        var resolved = Resolve(user);
        ((int)resolved.Uid, (int)resolved.Gid, string.Join(' ', resolved.SupplementaryGids), resolved.Home).ShouldBe((uid, gid, groups, home));
    }

    [Fact]
    public void CVE_2016_3697_digits_are_never_a_name()
    {
        Resolve("1000").Uid.ShouldBe(1000u);
        Resolve("alice:999").Gid.ShouldBe(999u);
    }

    [Theory]
    [InlineData("2147483648")]
    [InlineData("4294967296")]
    [InlineData("18446744073709551616")]
    [InlineData("-1")]
    [InlineData("+0")]
    [InlineData("99999999999999999999999999999999")]
    [InlineData("1:4294967296")]
    [InlineData("1:-1")]
    public void CVE_2024_40635_an_id_out_of_range_is_refused(string user) => Refuse(user).ShouldContain("range");

    [Theory]
    [InlineData("broken")]
    [InlineData("overflow")]
    public void CVE_2026_46680_a_broken_entry_is_not_root(string user) => Refuse(user).ShouldContain(user);

    [Theory]
    [InlineData("nobody-here", "unable to find user nobody-here: no matching entries in passwd file")]
    [InlineData("root:nogroup", "unable to find group nogroup: no matching entries in group file")]
    [InlineData("0x10", "unable to find user 0x10: no matching entries in passwd file")]
    [InlineData(" ", "unable to find user  : no matching entries in passwd file")]
    public void Unknown_names_are_refused_in_dockers_words(string user, string message) => Refuse(user).ShouldBe(message);

    [Fact]
    public void CVE_2022_36109_the_primary_group_is_among_the_supplementary_ones()
    {
        Resolve("alice").SupplementaryGids.ShouldBe([1000u, 10u, 999u]);
        Resolve("alice", "wheel", "77", "1000").SupplementaryGids.ShouldBe([1000u, 10u, 999u, 77u]);
        Refuse("alice", "nogroup").ShouldContain("nogroup");
    }

    [Fact]
    public void CVE_2026_47262_files_have_bounds()
    {
        UserLookup.TryResolve("a", new byte[AccountFile.MaxBytes + 1], [], [], out _, out var reason).ShouldBeFalse();
        reason.ShouldNotBeNull().ShouldContain("larger");

        var lines = new byte[AccountFile.MaxEntries + 1];
        Array.Fill(lines, (byte)'\n');
        UserLookup.TryResolve("0", [], lines, [], out _, out reason).ShouldBeFalse();
        reason.ShouldNotBeNull().ShouldContain("lines");
    }

    [Fact]
    public void Missing_files_leave_numbers_and_refuse_names()
    {
        using var scratch = new Scratch();
        using var root = RootPath.Open(scratch.Path);
        UserLookup.TryResolve(root, "5:6", [], out var resolved, out _).ShouldBeTrue();
        (resolved!.Uid, resolved.Gid).ShouldBe((5u, 6u));
        UserLookup.TryResolve(root, "root", [], out _, out var reason).ShouldBeFalse();
        reason.ShouldNotBeNull().ShouldContain("unable to find user root");
    }

    [Fact]
    public void A_passwd_that_is_a_link_out_of_the_root_or_a_fifo_is_not_read()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch["root/etc"]);
        File.WriteAllText(scratch["passwd"], "host:x:1:1::/:/bin/sh\n");
        using var root = RootPath.Open(scratch["root"]);
        File.CreateSymbolicLink(scratch["root/etc/passwd"], "../../passwd");
        UserLookup.TryResolve(root, "host", [], out _, out _).ShouldBeFalse();
        File.Delete(scratch["root/etc/passwd"]);
        root.CreateNode("etc/passwd", FileKind.Fifo, UnixFileMode.UserRead);
        UserLookup.TryResolve(root, "host", [], out _, out var reason).ShouldBeFalse();
        reason.ShouldNotBeNull().ShouldContain("EINVAL");
    }
}
