using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;
using Sampan.Storage.Snapshots;

namespace Sampan.Kernel.Tests.Storage;

public sealed class LayerUnpackerTests : StorageTest
{
    // cap_net_raw+ep, as setcap writes it for ping.
    private static readonly byte[] Capability = Convert.FromHexString("0100000200200000000000000000000000000000");

    [Fact]
    public void Owners_permissions_times_and_attributes_are_kept()
    {
        var time = new FileTime(1_600_000_000, 123_456_789);
        Unpack(
            new TestLayer()
                .Directory("./", 0x1c0, 5, 6, time)
                .Directory("sub/", 0x5fd, 1000, 100, time)
                .File("sub/suid", "x", 0x9ed, 33, 44, time, ("security.capability", Capability), ("user.note", "hi"u8.ToArray()))
                .Symlink("sub/link", "suid")
                .Add(new TarEntry { Kind = TarEntryKind.Fifo, Name = "sub/fifo", Mode = (UnixFileMode)0x1b0, Uid = 7, Modified = time })
                .Device("sub/null", 1, 3)
                .File("sub/later", "this changes the directory's time")
                .ToTar(),
            In("layer"));

        using var root = DirectoryHandle.Open(In("layer"));
        using var sub = root.OpenDirectory("sub"u8);
        FileStatus.Of(root.Descriptor).ShouldSatisfyAllConditions(
            s => ((int)s.Mode).ShouldBe(0x1c0), s => (s.Uid, s.Gid).ShouldBe((5u, 6u)), s => s.ModifiedTime.ShouldBe(time));
        FileStatus.Of(sub.Descriptor).ShouldSatisfyAllConditions(
            s => ((int)s.Mode).ShouldBe(0x5fd), s => (s.Uid, s.Gid).ShouldBe((1000u, 100u)), s => s.ModifiedTime.ShouldBe(time));
        Stat(sub, "suid").ShouldSatisfyAllConditions(
            s => ((int)s.Mode).ShouldBe(0x9ed), s => (s.Uid, s.Gid).ShouldBe((33u, 44u)), s => s.ModifiedTime.ShouldBe(time));
        sub.GetAttribute("suid"u8, "security.capability").ShouldBe(Capability);
        sub.GetAttribute("suid"u8, "user.note").ShouldBe("hi"u8.ToArray());
        sub.ReadLink("link"u8).ShouldBe("suid"u8.ToArray());
        Stat(sub, "fifo").ShouldSatisfyAllConditions(s => s.Kind.ShouldBe(FileKind.Fifo), s => ((int)s.Mode).ShouldBe(0x1b0), s => s.Uid.ShouldBe(7u));
        Stat(sub, "null").ShouldSatisfyAllConditions(s => s.Kind.ShouldBe(FileKind.CharacterDevice), s => s.Device.ShouldBe(new DeviceNumber(1, 3)), s => ((int)s.Mode).ShouldBe(0x1b6));
    }

    [Fact]
    public void Hard_links_share_a_file_and_its_size_counts_once()
    {
        var layer = Unpack(new TestLayer().File("a", "12345").HardLink("b", "a").HardLink("dir/c", "/a").ToTar(), In("layer"));

        using var root = DirectoryHandle.Open(In("layer"));
        Stat(root, "a").LinkCount.ShouldBe(3u);
        layer.Size.ShouldBe(5);
    }

    [Fact]
    public void Whiteouts_become_devices_and_opaque_markers_attributes()
    {
        Unpack(
            new TestLayer().Directory("d/").File("d/.wh..wh..opq").File(".wh.gone").File("d/.wh.old").File(".wh..wh.plnk/1.2").File("implied/.wh..wh..opq").ToTar(),
            In("layer"));

        using var root = DirectoryHandle.Open(In("layer"));
        Stat(root, "gone").IsWhiteout().ShouldBeTrue();
        using var d = root.OpenDirectory("d"u8);
        d.IsOpaque(WhiteoutStyle.Kernel).ShouldBeTrue();
        Stat(d, "old").IsWhiteout().ShouldBeTrue();
        using var implied = root.OpenDirectory("implied"u8);
        implied.IsOpaque(WhiteoutStyle.Kernel).ShouldBeTrue();
    }

    [Fact]
    public void A_whiteout_hides_lower_layers_not_its_own()
    {
        Unpack(
            new TestLayer().File("file", "mine").File(".wh.file").Directory("dir/").File("dir/kept", "k").File(".wh.dir").File(".wh.late").Directory("late/").File(".wh.deep").File("deep/x/y").ToTar(),
            In("layer"));

        File.ReadAllText(In("layer/file")).ShouldBe("mine");
        File.ReadAllText(In("layer/dir/kept")).ShouldBe("k");
        using var root = DirectoryHandle.Open(In("layer"));
        foreach (var name in new[] { "dir", "late", "deep" })
        {
            using var directory = root.OpenDirectory(System.Text.Encoding.ASCII.GetBytes(name));
            directory.IsOpaque(WhiteoutStyle.Kernel).ShouldBeTrue(name);
        }
    }

    [Fact]
    public void An_opaque_root_is_reported_for_the_snapshotter() =>
        Unpack(new TestLayer().File(".wh..wh..opq").ToTar(), In("layer")).OpaqueRoot.ShouldBeTrue();

    [Fact]
    public void A_name_that_occurs_twice_counts_the_last_time()
    {
        Unpack(
            new TestLayer().File("x", "one").Symlink("x", "y").File("x", "three").Directory("d/").File("d/in", "gone").File("d", "file now").Symlink("l", "/nowhere").Directory("l/").File("l/f", "ok").ToTar(),
            In("layer"));

        File.ReadAllText(In("layer/x")).ShouldBe("three");
        File.ReadAllText(In("layer/d")).ShouldBe("file now");
        File.ReadAllText(In("layer/l/f")).ShouldBe("ok");
    }

    [Fact]
    public void A_hard_link_to_itself_keeps_the_file()
    {
        Unpack(new TestLayer().File("a", "kept").HardLink("a", "a").HardLink("a", "./a").ToTar(), In("layer"));

        File.ReadAllText(In("layer/a")).ShouldBe("kept");
    }

    [Fact]
    public void Attributes_that_steer_overlayfs_are_not_taken_from_an_image()
    {
        Unpack(new TestLayer().Add(new TarEntry { Kind = TarEntryKind.Directory, Name = "d", Attributes = [new("trusted.overlay.redirect", "/etc"u8.ToArray())] }).ToTar(), In("layer"));

        using var root = DirectoryHandle.Open(In("layer"));
        root.ListAttributes("d"u8).ShouldBeEmpty();
    }

    [Fact]
    public void Names_of_any_bytes_are_kept()
    {
        var name = RawName.Of([0xe9, (byte)'t', 0xe9]);
        Unpack(new TestLayer().Add(new TarEntry { Kind = TarEntryKind.Directory, Name = name }).ToTar(), In("layer"));

        using var root = DirectoryHandle.Open(In("layer"));
        root.List().ShouldHaveSingleItem().Name.ShouldBe(new byte[] { 0xe9, (byte)'t', 0xe9 });
        root.RemoveTree(new byte[] { 0xe9, (byte)'t', 0xe9 }); // .NET cannot name it, so cannot remove it
    }

    [Fact]
    public void Gnu_tars_own_archives_are_unpacked()
    {
        Directory.CreateDirectory(In("source/deep/er"));
        File.WriteAllText(In("source/deep/er/file"), new string('x', 100_000));
        File.WriteAllText(In("source/" + new string('n', 200)), "long name");
        foreach (var format in new[] { "gnu", "posix", "ustar" })
        {
            if (format == "ustar")
                File.Delete(In("source/" + new string('n', 200)));
            using var tar = System.Diagnostics.Process.Start("tar", ["-C", In("source"), "--format=" + format, "-cf", In(format + ".tar"), "."]);
            tar.WaitForExit();

            Unpack(File.ReadAllBytes(In(format + ".tar")), In(format));

            File.ReadAllText(In(format + "/deep/er/file")).Length.ShouldBe(100_000);
            File.GetLastWriteTimeUtc(In(format + "/deep")).ShouldBe(File.GetLastWriteTimeUtc(In("source/deep")), TimeSpan.FromSeconds(1));
        }
        File.ReadAllText(In("posix/" + new string('n', 200))).ShouldBe("long name");
    }

    private static FileStatus Stat(DirectoryHandle directory, string name) =>
        directory.TryStat(System.Text.Encoding.ASCII.GetBytes(name), out var status) ? status : throw new FileNotFoundException(name);
}
