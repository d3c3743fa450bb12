using System.Text;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;
using Sampan.Storage;
using Sampan.Storage.Trees;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Copying into and out of a container's files, as a hostile container arranges them.</summary>
public sealed class ContainerTreeTests : StorageTest
{
    public ContainerTreeTests()
    {
        Directory.CreateDirectory(In("root/dir/sub"));
        Directory.CreateDirectory(In("outside"));
        File.WriteAllText(In("outside/secret"), "secret");
        File.WriteAllText(In("root/dir/file"), "content");
    }

    [Theory]
    [InlineData("/dir/file", "file")]
    [InlineData("dir/../dir/./file", "file")]
    [InlineData("/../../dir/file", "file")]
    [InlineData("/dir/", "dir")]
    [InlineData("/dir/.", ".")]
    [InlineData("/", "/")]
    public void A_path_is_found_and_named_by_its_last_part(string path, string name)
    {
        using var tree = Tree();

        tree.Stat(path).ShouldNotBeNull().Name.ShouldBe(name);
    }

    [Theory]
    [InlineData("/dir/absent")]
    [InlineData("/dir/file/")]
    [InlineData("/dir/file/x")]
    [InlineData("/absent/x")]
    [InlineData("/../outside/secret")]
    public void What_is_not_in_the_container_is_not_found(string path)
    {
        using var tree = Tree();

        tree.Stat(path).ShouldBeNull();
        Should.Throw<StorageException>(() => tree.WriteArchive(path, Stream.Null, CancellationToken.None)).Kind.ShouldBe(StorageError.NotFound);
    }

    [Fact]
    public void What_a_copy_left_unfinished_is_removed_in_the_container_and_nowhere_else()
    {
        File.WriteAllText(In("root/dir/.sampan-cp-1"), "half");
        File.WriteAllText(In("outside/.sampan-cp-2"), "theirs");
        // As the container arranged it since.
        File.CreateSymbolicLink(In("root/link"), In("outside"));
        File.WriteAllText(In("written-over"), "dir/.sampan-cp-1\0/.sampan-cp-0\0");
        File.WriteAllText(In("leading-out"), "link/.sampan-cp-2\0");
        File.WriteAllText(In("climbing"), "../outside/.sampan-cp-2\0");
        File.WriteAllText(In("empty"), "");
        using var tree = Tree();

        foreach (var note in new[] { "written-over", "leading-out", "climbing", "empty" })
        {
            tree.FinishExtract(In(note));
            File.Exists(In(note)).ShouldBeFalse(note);
        }

        File.Exists(In("root/dir/.sampan-cp-1")).ShouldBeFalse();
        File.ReadAllText(In("root/dir/file")).ShouldBe("content");
        File.ReadAllText(In("outside/.sampan-cp-2")).ShouldBe("theirs");
    }

    [Fact]
    public void A_links_target_is_told_as_far_as_it_exists()
    {
        File.CreateSymbolicLink(In("root/one"), "dir/two");
        File.CreateSymbolicLink(In("root/dir/two"), "/dir/../dir/file");
        File.CreateSymbolicLink(In("root/broken"), "dir/gone/deeper");
        File.CreateSymbolicLink(In("root/out"), "../../outside/secret");
        using var tree = Tree();

        tree.Stat("/one").ShouldNotBeNull().LinkTarget.ShouldBe("/dir/file");
        tree.Stat("/broken").ShouldNotBeNull().LinkTarget.ShouldBe("/dir/gone/deeper");
        tree.Stat("/out").ShouldNotBeNull().LinkTarget.ShouldBe("/outside/secret");
    }

    [Fact]
    public void Links_in_a_circle_are_an_error()
    {
        File.CreateSymbolicLink(In("root/a"), "b");
        File.CreateSymbolicLink(In("root/b"), "a");
        using var tree = Tree();

        Should.Throw<StorageException>(() => tree.Stat("/a/x")).Kind.ShouldBe(StorageError.InvalidInput);
    }

    [Fact]
    public void CVE_2018_15664_links_lead_nowhere_outside_in_either_direction()
    {
        File.CreateSymbolicLink(In("root/absolute"), In("outside"));
        File.CreateSymbolicLink(In("root/relative"), "../outside");
        using var tree = Tree();

        foreach (var link in new[] { "/absolute", "/relative" })
        {
            tree.Stat(link + "/secret").ShouldBeNull();
            Should.Throw<StorageException>(() => tree.Extract(link, Tar(layer => layer.File("planted", "x")), new ExtractOptions(), CancellationToken.None)).Kind.ShouldBe(StorageError.NotFound);
        }
        Directory.GetFiles(In("outside")).ShouldBe([In("outside/secret")]);
    }

    [Fact]
    public async Task CVE_2018_15664_nothing_outside_is_read_or_written_while_a_container_exchanges_directory_and_link()
    {
        // "swap" is now a directory with a harmless file, now a link to the host's directory of the same shape.
        Directory.CreateDirectory(In("root/swap"));
        File.WriteAllText(In("root/swap/secret"), "inside");
        File.CreateSymbolicLink(In("root/swap2"), In("outside"));
        using var stop = new CancellationTokenSource();
        var swapping = Task.Factory.StartNew(
            () =>
            {
                using var root = DirectoryHandle.Open(In("root"));
                while (!stop.IsCancellationRequested)
                    root.Rename("swap"u8, root, "swap2"u8, RenameFlags.Exchange);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        using var tree = Tree();

        var read = 0;
        for (var i = 0; i < 3000; i++)
        {
            try
            {
                using var output = new MemoryStream();
                tree.WriteArchive("/swap/secret", output, CancellationToken.None);
                TestLayer.ReadTar(output.ToArray())["secret"].ShouldBe("inside"u8.ToArray());
                read++;
                tree.Extract("/swap", Tar(layer => layer.File("planted", "x")), new ExtractOptions(), CancellationToken.None);
            }
            catch (StorageException refused) when (refused.Kind is StorageError.NotFound or StorageError.InvalidInput or StorageError.Refused)
            {
                // The link was there at that moment, and led to nothing inside.
            }
        }
        await stop.CancelAsync();
        await swapping;

        read.ShouldBeGreaterThan(0);
        Directory.GetFiles(In("outside")).ShouldBe([In("outside/secret")]);
    }

    [Fact]
    public void An_archives_own_links_lead_nowhere_outside()
    {
        using var tree = Tree();

        tree.Extract(
            "/dir",
            Tar(layer => layer.Symlink("esc", In("outside")).Symlink("up", "../../../../../outside").Directory("real/").Symlink("in", "/dir/sub").File("in/ok", "y")),
            new ExtractOptions(),
            CancellationToken.None);
        Should.Throw<StorageException>(() => tree.Extract("/dir", Tar(layer => layer.File("../../../escape", "x")), new ExtractOptions(), CancellationToken.None))
            .Kind.ShouldBe(StorageError.InvalidInput);
        // What the link names is made inside.
        tree.Extract("/dir", Tar(layer => layer.File("esc/planted", "x")), new ExtractOptions(), CancellationToken.None);
        File.Exists(In("root") + In("outside") + "/planted").ShouldBeTrue();
        Should.Throw<StorageException>(() => tree.Extract("/dir", Tar(layer => layer.HardLink("hard", "esc/secret")), new ExtractOptions(), CancellationToken.None)).Kind.ShouldBe(StorageError.InvalidInput);

        File.ReadAllText(In("root/dir/sub/ok")).ShouldBe("y");
        Directory.GetFileSystemEntries(In("outside")).ShouldBe([In("outside/secret")]);
    }

    [Fact]
    public void CVE_2021_41089_the_hosts_files_keep_their_permissions()
    {
        File.SetUnixFileMode(In("outside/secret"), UnixFileMode.UserRead);
        File.CreateSymbolicLink(In("root/dir/link"), In("outside/secret"));
        using var tree = Tree();

        // A file in the place of the link replaces the link, its mode and owner never reach what the link names.
        tree.Extract("/dir", Tar(layer => layer.File("link", "mine", 0x1ff, 5, 5)), new ExtractOptions(), CancellationToken.None);

        File.GetUnixFileMode(In("outside/secret")).ShouldBe(UnixFileMode.UserRead);
        File.ReadAllText(In("outside/secret")).ShouldBe("secret");
        File.ReadAllText(In("root/dir/link")).ShouldBe("mine");
        new FileInfo(In("root/dir/link")).LinkTarget.ShouldBeNull();
    }

    [Fact]
    public void CVE_2026_41567_a_compressed_archive_is_undone_in_this_process()
    {
        // Programs of those names lie in the container; none is run.
        Directory.CreateDirectory(In("root/usr/bin"));
        foreach (var name in new[] { "gzip", "unpigz", "xz", "zstd" })
            File.WriteAllText(In("root/usr/bin/" + name), $"#!/bin/sh\ntouch {In("outside/ran")}\n", Encoding.ASCII);
        using var tree = Tree();

        tree.Extract("/dir", new MemoryStream(TestImage.Gzip(new TestLayer().File("gz", "g").ToTar())), new ExtractOptions(), CancellationToken.None);

        File.ReadAllText(In("root/dir/gz")).ShouldBe("g");
        File.Exists(In("outside/ran")).ShouldBeFalse();
    }

    [Fact]
    public void Kinds_are_kept_if_that_is_asked_for()
    {
        using var tree = Tree();
        var keep = new ExtractOptions { KeepKinds = true };

        Should.Throw<StorageException>(() => tree.Extract("/dir", Tar(layer => layer.File("sub", "x")), keep, CancellationToken.None)).Message.ShouldContain("cannot overwrite directory");
        Should.Throw<StorageException>(() => tree.Extract("/dir", Tar(layer => layer.Directory("file/")), keep, CancellationToken.None)).Message.ShouldContain("cannot overwrite non-directory");
        tree.Extract("/dir", Tar(layer => layer.File("sub", "x").Directory("file/")), new ExtractOptions(), CancellationToken.None);

        File.ReadAllText(In("root/dir/sub")).ShouldBe("x");
        Directory.Exists(In("root/dir/file")).ShouldBeTrue();
    }

    [Fact]
    public void Everything_belongs_to_the_given_owner_if_there_is_one()
    {
        using var tree = Tree();

        tree.Extract("/dir", Tar(layer => layer.File("theirs", "x", 0x1a4, 5, 6)), new ExtractOptions(), CancellationToken.None);
        tree.Extract("/dir", Tar(layer => layer.File("ours", "x", 0x1a4, 5, 6)), new ExtractOptions { Owner = (7, 8) }, CancellationToken.None);

        using var directory = DirectoryHandle.Open(In("root/dir"));
        directory.TryStat("theirs"u8, out var theirs).ShouldBeTrue();
        (theirs.Uid, theirs.Gid).ShouldBe((5u, 6u));
        directory.TryStat("ours"u8, out var ours).ShouldBeTrue();
        (ours.Uid, ours.Gid).ShouldBe((7u, 8u));
    }

    [Fact]
    public void A_truncated_archive_leaves_the_old_file_whole_and_no_unfinished_one()
    {
        var tar = new TestLayer().File("file", new byte[5000]).ToTar();
        using var tree = Tree();

        Should.Throw<StorageException>(() => tree.Extract("/dir", new MemoryStream(tar, 0, 3000), new ExtractOptions(), CancellationToken.None)).Kind.ShouldBe(StorageError.Corrupt);

        File.ReadAllText(In("root/dir/file")).ShouldBe("content");
        Directory.GetFileSystemEntries(In("root/dir")).Order().ShouldBe([In("root/dir/file"), In("root/dir/sub")]);
    }

    [Fact]
    public void A_fifo_or_a_device_in_a_files_place_is_written_as_what_it_is_and_never_opened()
    {
        using (var root = DirectoryHandle.Open(In("root/dir")))
            root.CreateNode("fifo"u8, FileKind.Fifo, UnixFileMode.UserRead, default);
        using var tree = Tree();
        using var output = new MemoryStream();

        tree.WriteArchive("/dir", output, CancellationToken.None);

        var names = TestLayer.ReadTar(output.ToArray()).Keys;
        names.ShouldContain("dir/fifo");
        names.ShouldContain("dir/file");
    }

    [Fact]
    public void A_tree_made_to_exhaust_the_stack_ends_with_an_error()
    {
        using var first = DirectoryHandle.Open(In("root/dir/sub"));
        var here = first;
        for (var i = 0; i < 1500; i++)
        {
            here.CreateDirectory("d"u8, (UnixFileMode)0x1ed);
            var next = here.OpenDirectory("d"u8);
            if (!ReferenceEquals(here, first))
                here.Dispose();
            here = next;
        }
        here.Dispose();
        using var tree = Tree();

        Should.Throw<StorageException>(() => tree.WriteArchive("/dir", Stream.Null, CancellationToken.None)).Message.ShouldContain("nested");
        OpenDescriptors().ShouldBeLessThan(10);
    }

    [Fact]
    public void What_is_mounted_in_a_container_that_does_not_run_has_its_own_owners()
    {
        var owners = new OwnerMap([new IdMapping { ContainerId = 0, HostId = 230000, Size = 100 }], [new IdMapping { ContainerId = 0, HostId = 240000, Size = 100 }]);
        Directory.CreateDirectory(In("root/host"));
        using (var tree = ContainerTree.Of(DirectoryHandle.Open(In("root")), [new TreeMount(In("outside"), "/host") { Owners = owners }]))
        {
            tree.Extract("/", Tar(layer => layer.File("host/made/file", "x", uid: 7, gid: 8).File("dir/own", "x", uid: 7, gid: 8)), new ExtractOptions(), CancellationToken.None);
            tree.Extract("/host", Tar(layer => layer.File("direct", "x", uid: 1, gid: 2)), new ExtractOptions(), CancellationToken.None);
            Should.Throw<StorageException>(() => tree.Extract("/host", Tar(layer => layer.File("nobodys", "x", uid: 100)), new ExtractOptions(), CancellationToken.None)).Message.ShouldContain("user 100");
            using var archive = new MemoryStream();
            tree.WriteArchive("/host/made", archive, CancellationToken.None);
            archive.Position = 0;
            using var entries = new System.Formats.Tar.TarReader(archive);
            entries.GetNextEntry().ShouldNotBeNull().ShouldSatisfyAllConditions(made => made.Uid.ShouldBe(0), made => made.Gid.ShouldBe(0));
            entries.GetNextEntry().ShouldNotBeNull().ShouldSatisfyAllConditions(file => file.Uid.ShouldBe(7), file => file.Gid.ShouldBe(8));
        }

        using var outside = RootPath.Open(In("outside"));
        outside.Stat("made").ShouldSatisfyAllConditions(made => made.Uid.ShouldBe(230000u), made => made.Gid.ShouldBe(240000u));
        outside.Stat("made/file").ShouldSatisfyAllConditions(file => file.Uid.ShouldBe(230007u), file => file.Gid.ShouldBe(240008u));
        outside.Stat("direct").Uid.ShouldBe(230001u);
        using var root = RootPath.Open(In("root"));
        root.Stat("dir/own").Uid.ShouldBe(7u);
    }

    private ContainerTree Tree() => ContainerTree.Of(DirectoryHandle.Open(In("root")), []);

    private static MemoryStream Tar(Func<TestLayer, TestLayer> build) => new(build(new TestLayer()).ToTar());
}
