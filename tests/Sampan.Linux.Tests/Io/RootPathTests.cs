using System.Text;
using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Linux.Tests.Io;

public sealed class RootPathTests : IDisposable
{
    private const UnixFileMode Open = (UnixFileMode)0x1ed; // 0755

    private readonly Scratch _scratch = new();
    private readonly RootPath _root;

    public RootPathTests()
    {
        Directory.CreateDirectory(_scratch["root"]);
        File.WriteAllText(_scratch["secret"], "host");
        _root = RootPath.Open(_scratch["root"]);
    }

    public void Dispose()
    {
        _root.Dispose();
        _scratch.Dispose();
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("/../../../secret")]
    [InlineData("link/secret")]
    public void Does_not_leave_the_root(string path)
    {
        File.CreateSymbolicLink(_scratch["root/link"], _scratch.Path);
        _root.TryOpen(path, OpenFlags.ReadOnly, out _, out var errno).ShouldBeFalse();
        errno.ShouldBe(Errno.ENOENT);
    }

    [Fact]
    public void Resolves_absolute_links_inside_the_root()
    {
        Directory.CreateDirectory(_scratch["root/etc"]);
        File.WriteAllText(_scratch["root/etc/hosts"], "inside");
        File.CreateSymbolicLink(_scratch["root/hosts"], "/etc/hosts");

        Encoding.UTF8.GetString(_root.ReadFile("hosts", 100)).ShouldBe("inside");
        _root.Stat("hosts").Kind.ShouldBe(FileKind.SymbolicLink);
        _root.Stat("hosts", followLast: true).Size.ShouldBe(6);
        _root.ReadLink("/hosts").ShouldBe("/etc/hosts");
    }

    [Fact]
    public void Refuses_magic_links()
    {
        using var root = RootPath.Open("/");
        root.TryOpen("/proc/self/root/etc", OpenFlags.Path, out _, out var errno).ShouldBeFalse();
        errno.ShouldBe(Errno.ELOOP);
    }

    [Fact]
    public void Creating_through_a_dangling_link_stays_inside()
    {
        File.CreateSymbolicLink(_scratch["root/out"], _scratch["made"]);
        _root.TryOpen("out", OpenFlags.WriteOnly | OpenFlags.Create, out var fd, out _);
        fd?.Dispose();
        File.Exists(_scratch["made"]).ShouldBeFalse();
    }

    [Fact]
    public void Makes_directories_with_mode_and_keeps_those_that_are_there()
    {
        Directory.CreateDirectory(_scratch["root/a"], (UnixFileMode)0x1c0);
        _root.CreateDirectories("/a/b/c/", (UnixFileMode)0x1ff, (uint)_root.Stat("a").Uid, (uint)_root.Stat("a").Gid).Dispose();
        ((int)_root.Stat("a").Mode).ShouldBe(0x1c0);
        ((int)_root.Stat("a/b").Mode).ShouldBe(0x1ff);
        ((int)_root.Stat("a/b/c").Mode).ShouldBe(0x1ff);
    }

    [Fact]
    public void CVE_2024_45310_makes_no_directory_through_a_link_that_leads_out()
    {
        Directory.CreateDirectory(_scratch["outside"]);
        File.CreateSymbolicLink(_scratch["root/evil"], _scratch["outside"]);
        File.CreateSymbolicLink(_scratch["root/up"], "../outside");
        Should.Throw<LinuxException>(() => _root.CreateDirectories("evil/x"));
        Should.Throw<LinuxException>(() => _root.CreateDirectories("up/x"));
        Directory.GetFileSystemEntries(_scratch["outside"]).ShouldBeEmpty();
    }

    [Fact]
    public void Follows_a_link_to_a_directory_inside_when_making_directories()
    {
        Directory.CreateDirectory(_scratch["root/real"]);
        File.CreateSymbolicLink(_scratch["root/link"], "/real");
        var (uid, gid) = (_root.Stat("real").Uid, _root.Stat("real").Gid);
        _root.CreateDirectories("link/x/y", Open, uid, gid).Dispose();
        Directory.Exists(_scratch["root/real/x/y"]).ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("a/..")]
    [InlineData("a/.")]
    [InlineData("a\0b")]
    public void Changes_want_a_plain_last_name(string path) =>
        Should.Throw<LinuxException>(() => _root.CreateSymbolicLink("x", path)).Errno.ShouldBe(Errno.EINVAL);

    [Fact]
    public void Makes_links_and_nodes_where_nothing_is()
    {
        _root.CreateSymbolicLink("anything", "link");
        _root.CreateNode("fifo", FileKind.Fifo, Open);
        _root.ReadLink("link").ShouldBe("anything");
        _root.Stat("fifo").Mode.ShouldBe(Open);
        Should.Throw<LinuxException>(() => _root.CreateSymbolicLink("other", "link")).Errno.ShouldBe(Errno.EEXIST);
        Should.Throw<LinuxException>(() => _root.CreateNode("link", FileKind.Regular, Open)).Errno.ShouldBe(Errno.EEXIST);
        Should.Throw<LinuxException>(() => _root.CreateSymbolicLink("other", "none/link")).Errno.ShouldBe(Errno.ENOENT);
    }

    [Fact]
    public void A_fifo_does_not_hold_a_reader_and_a_large_file_is_refused()
    {
        _root.CreateNode("fifo", FileKind.Fifo, (UnixFileMode)0x1b6);
        Should.Throw<LinuxException>(() => _root.ReadFile("fifo", 10)).Errno.ShouldBe(Errno.EINVAL);
        File.WriteAllBytes(_scratch["root/big"], new byte[11]);
        Should.Throw<LinuxException>(() => _root.ReadFile("big", 10)).Errno.ShouldBe(Errno.EFBIG);
        _root.ReadFile("big", 11).Length.ShouldBe(11);
    }

    // CVE-2018-15664, CVE-2021-30465: somebody exchanges a directory for a link while we work.
    [Fact]
    public void CVE_2018_15664_exchanging_a_directory_for_a_link_gains_nothing()
    {
        Directory.CreateDirectory(_scratch["outside"]);
        Directory.CreateDirectory(_scratch["root/dir"]);
        File.CreateSymbolicLink(_scratch["root/link"], _scratch["outside"]);
        var (uid, gid) = (_root.Stat("dir").Uid, _root.Stat("dir").Gid);

        using var attacked = DirectoryHandle.Open(_scratch["root"]);
        var stop = false;
        var attacker = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
                attacked.Rename("dir"u8, attacked, "link"u8, RenameFlags.Exchange);
        });
        attacker.Start();
        try
        {
            var succeeded = 0;
            for (var i = 0; i < 3000; i++)
            {
                try
                {
                    _root.CreateDirectories($"dir/a{i}/b", Open, uid, gid).Dispose();
                    _root.CreateSymbolicLink("x", $"dir/a{i}/../l{i}");
                    _root.CreateNode($"dir/n{i}", FileKind.Fifo, Open);
                    succeeded++;
                }
                catch (LinuxException failure) when (failure.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.EEXIST or Errno.EAGAIN or Errno.ELOOP)
                {
                    // The link stood there: refused, as it must be.
                }
            }

            succeeded.ShouldBeGreaterThan(0);
        }
        finally
        {
            Volatile.Write(ref stop, true);
            attacker.Join();
        }

        Directory.GetFileSystemEntries(_scratch["outside"]).ShouldBeEmpty();
    }
}
