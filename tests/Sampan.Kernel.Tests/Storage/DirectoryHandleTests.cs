using System.Text;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Kernel.Tests.Storage;

public sealed class DirectoryHandleTests : StorageTest
{
    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("/etc")]
    [InlineData("nul\0inside")]
    public void Only_plain_names_are_taken(string name)
    {
        using var root = DirectoryHandle.Open(Home);
        var bytes = Encoding.UTF8.GetBytes(name);

        Should.Throw<LinuxException>(() => root.CreateDirectory(bytes, 0)).Errno.ShouldBe(Errno.EINVAL);
        Should.Throw<LinuxException>(() => root.RemoveTree(bytes)).Errno.ShouldBe(Errno.EINVAL);
        Should.Throw<LinuxException>(() => root.OpenFile(bytes, OpenFlags.ReadOnly)).Errno.ShouldBe(Errno.EINVAL);
        Should.Throw<LinuxException>(() => root.CreateHardLink(root, bytes, "x"u8)).Errno.ShouldBe(Errno.EINVAL);
        Should.Throw<LinuxException>(() => root.TrySetAttribute(bytes.Length == 0 ? "."u8.ToArray() : bytes, "user.x", default)).Errno.ShouldBe(Errno.EINVAL);
    }

    [Fact]
    public void Removing_a_tree_does_not_follow_links()
    {
        Directory.CreateDirectory(In("kept"));
        File.WriteAllText(In("kept/file"), "x");
        Directory.CreateDirectory(In("tree/deep/er"));
        File.CreateSymbolicLink(In("tree/deep/link"), In("kept"));
        File.CreateSymbolicLink(In("tree/deep/er/dots"), "../../../kept");
        File.SetUnixFileMode(In("tree/deep"), UnixFileMode.None);

        using var root = DirectoryHandle.Open(Home);
        root.RemoveTree("tree"u8);
        root.RemoveTree("was-never-there"u8);

        File.ReadAllText(In("kept/file")).ShouldBe("x");
        Directory.Exists(In("tree")).ShouldBeFalse();
    }

    [Fact]
    public void Resolving_ends_at_the_directory_itself()
    {
        Directory.CreateDirectory(In("root/etc"));
        Directory.CreateDirectory(In("outside"));
        File.CreateSymbolicLink(In("root/up"), "../outside");
        File.CreateSymbolicLink(In("root/abs"), "/etc");
        using var root = DirectoryHandle.Open(In("root"));

        root.TryResolve("up"u8, out var errno).ShouldBeNull();
        errno.ShouldBe(Errno.ENOENT);
        using var inside = root.TryResolve("abs"u8, out _);
        FileStatus.Of(inside!.Descriptor).Inode.ShouldBe(Inode(root, "etc"));
        using var top = root.TryResolve("../../../.."u8, out _);
        FileStatus.Of(top!.Descriptor).Inode.ShouldBe(FileStatus.Of(root.Descriptor).Inode);
    }

    [Fact]
    public void Opening_an_entry_refuses_a_link_put_in_its_place()
    {
        File.CreateSymbolicLink(In("link"), "/etc");
        using var root = DirectoryHandle.Open(Home);

        Should.Throw<LinuxException>(() => root.OpenDirectory("link"u8)).Errno.ShouldBeOneOf(Errno.ELOOP, Errno.ENOTDIR);
        Should.Throw<LinuxException>(() => root.OpenFile("link"u8, OpenFlags.ReadOnly)).Errno.ShouldBe(Errno.ELOOP);
        Should.Throw<LinuxException>(() => root.CreateFile("link"u8, 0)).Errno.ShouldBe(Errno.EEXIST);
    }

    [Fact]
    public void Listing_gives_every_entry_also_of_large_directories_and_again()
    {
        using var root = DirectoryHandle.Open(Home);
        for (var i = 0; i < 3000; i++)
            root.CreateFile(Encoding.ASCII.GetBytes($"file-with-a-longer-name-{i}"), 0).Dispose();

        root.List().Count.ShouldBe(3000);
        root.List().Select(entry => Encoding.ASCII.GetString(entry.Name)).Distinct().Count().ShouldBe(3000);
        root.List().ShouldAllBe(entry => entry.Kind == FileKind.Regular);
        root.Clear();
        root.List().ShouldBeEmpty();
    }

    [Fact]
    public void Attributes_of_any_size_are_kept_on_files_and_directories()
    {
        using var root = DirectoryHandle.Open(Home);
        using (var file = root.CreateFile("f"u8, UnixFileMode.UserRead))
        {
            foreach (var size in new[] { 0, 1, 256, 257, 3000 })
            {
                var value = Enumerable.Repeat((byte)'v', size).ToArray();
                file.TrySetAttribute("user.x", value).ShouldBe(Errno.None);
                root.GetAttribute("f"u8, "user.x").ShouldBe(value);
            }
        }
        root.ListAttributes("f"u8).ShouldBe(["user.x"]);
        root.GetAttribute("f"u8, "user.missing").ShouldBeNull();
        root.Descriptor.TrySetAttribute("user.dir", [1]).ShouldBe(Errno.None);
        root.GetAttribute([], "user.dir").ShouldBe(new byte[] { 1 });
        root.ListAttributes([]).ShouldBe(["user.dir"]);
    }

    [Fact]
    public void Times_before_1970_and_far_ahead_are_kept()
    {
        using var root = DirectoryHandle.Open(Home);
        root.CreateFile("f"u8, 0).Dispose();
        foreach (var time in new[] { new FileTime(-5, 250), new FileTime(0, 999_999_999), new FileTime(4_102_444_800, 1) })
        {
            root.SetModified("f"u8, time);
            root.TryStat("f"u8, out var status).ShouldBeTrue();
            status.ModifiedTime.ShouldBe(time);
        }
    }

    [Fact]
    public void Content_is_copied_within_and_across_file_systems()
    {
        var content = new byte[700_000];
        new Random(1).NextBytes(content);
        File.WriteAllBytes(In("from"), content);
        foreach (var target in new[] { In("to"), "/dev/shm/sampan-copy-" + Environment.ProcessId })
        {
            try
            {
                using (var directory = DirectoryHandle.Open(Path.GetDirectoryName(target)!))
                using (var to = directory.CreateFile(Encoding.UTF8.GetBytes(Path.GetFileName(target)), UnixFileMode.UserRead | UnixFileMode.UserWrite))
                using (var home = DirectoryHandle.Open(Home))
                using (var from = home.OpenFile("from"u8, OpenFlags.ReadOnly))
                    to.CopyFrom(from);
                File.ReadAllBytes(target).ShouldBe(content);
            }
            finally
            {
                File.Delete(target);
            }
        }
    }

    private static ulong Inode(DirectoryHandle directory, string name) =>
        directory.TryStat(Encoding.ASCII.GetBytes(name), out var status) ? status.Inode : throw new FileNotFoundException(name);
}
