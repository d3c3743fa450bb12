using System.Text;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage;
using Sampan.Storage.Images;
using Sampan.Storage.Snapshots;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>What every snapshotter promises; run on each implementation.</summary>
public abstract partial class SnapshotterContract : StorageTest
{
    private readonly ImageStore _store;
    private readonly ImageRecord _image;

    private readonly Func<ImageStore, ISnapshotter> _open;

    private protected SnapshotterContract(Func<ImageStore, ISnapshotter> open)
    {
        _open = open;
        _store = ImageStoreTests.OpenStore(In("data"));
        Snapshots = open(_store);
        var time = new FileTime(1_500_000_000, 987_654_321);
        var below = new TestLayer()
            .Directory("./", 0x1ed, time: time)
            .Directory("etc/").File("etc/passwd", "root:x:0:0::/:/bin/sh\n").File("etc/deleted", "x").File("etc/replaced", "old")
            .Directory("opaque/").File("opaque/hidden", "x").Directory("opaque/sub/").File("opaque/sub/deep", "x")
            .Directory("usr/").Directory("usr/lib/", 0x1c0, 12, 34, time).File("usr/lib/a", "a").Symlink("lib", "usr/lib").Symlink("abs", "/etc").Symlink("up", "../../../../etc")
            .Directory("gone/").File("gone/x", "x").File("becomes-dir", "x").File("setuid", "s", 0x9ed, 1, 2, time)
            .File("linked", "linked").HardLink("other-name", "linked").Symlink("loop", "loop").Device("null", 1, 3)
            .ToTar();
        var above = new TestLayer()
            .File("etc/.wh.deleted").File("etc/replaced", "new").File("etc/added", "added")
            .Directory("opaque/").File("opaque/.wh..wh..opq").File("opaque/shown", "y")
            .File(".wh.gone").File("usr/lib/b", "b").Directory("becomes-dir/").File("becomes-dir/in", "in")
            .ToTar();
        _image = _store.LoadAsync(new MemoryStream(new TestImage().Layer(below).Layer(above).ToDockerArchive("demo")), null, CancellationToken.None).GetAwaiter().GetResult()[0].Image;
    }

    private protected ISnapshotter Snapshots { get; }

    [Fact]
    public async Task The_view_shows_the_layers_merged()
    {
        using var view = await Prepared();

        Text(view, "/etc/passwd").ShouldBe("root:x:0:0::/:/bin/sh\n");
        Text(view, "/etc/deleted").ShouldBeNull();
        Text(view, "/etc/replaced").ShouldBe("new");
        Text(view, "etc/added").ShouldBe("added");
        Text(view, "/opaque/hidden").ShouldBeNull();
        Text(view, "/opaque/sub/deep").ShouldBeNull();
        Text(view, "/opaque/shown").ShouldBe("y");
        Text(view, "/gone/x").ShouldBeNull();
        view.DirectoryExists("/gone").ShouldBeFalse();
        Text(view, "/becomes-dir/in").ShouldBe("in");
        Text(view, "/usr/lib/a").ShouldBe("a");
        Text(view, "/lib/b").ShouldBe("b");
        view.Stat("/setuid").ShouldNotBeNull().ShouldSatisfyAllConditions(s => ((int)s.Mode).ShouldBe(0x9ed), s => (s.Uid, s.Gid).ShouldBe((1u, 2u)), s => s.ModifiedTime.ShouldBe(new FileTime(1_500_000_000, 987_654_321)));
        view.Stat("/null")!.Value.Device.ShouldBe(new DeviceNumber(1, 3));
    }

    [Fact]
    public async Task Whiteouts_in_the_first_layer_hide_nothing_and_are_not_seen()
    {
        var first = new TestLayer().File(".wh.never").Directory("d/").File("d/.wh.was").File("d/.wh..wh..opq").File("d/stays", "s").ToTar();
        var image = (await _store.LoadAsync(new MemoryStream(new TestImage().Layer(first).ToDockerArchive("first")), null, CancellationToken.None))[0].Image;
        await Snapshots.PrepareAsync("first", image, CancellationToken.None);
        using var view = Snapshots.OpenView("first");

        Text(view, "/d/stays").ShouldBe("s");
        foreach (var name in new[] { "/never", "/.wh.never", "/d/was", "/d/.wh.was", "/d/.wh..wh..opq" })
            view.Stat(name).ShouldBeNull(name);
    }

    [Fact]
    public async Task A_directory_that_a_layer_left_out_looks_as_it_did_below()
    {
        using var view = await Prepared();

        // The upper layer has usr/lib/b without an entry for usr/lib.
        view.Stat("/usr/lib").ShouldNotBeNull().ShouldSatisfyAllConditions(s => ((int)s.Mode).ShouldBe(0x1c0), s => (s.Uid, s.Gid).ShouldBe((12u, 34u)));
    }

    [Fact]
    public async Task CVE_2022_23648_links_are_resolved_inside()
    {
        using var view = await Prepared();

        Text(view, "/abs/passwd").ShouldStartWith("root:");
        Text(view, "/up/passwd").ShouldStartWith("root:");
        Text(view, "/../../../etc/passwd").ShouldBe("root:x:0:0::/:/bin/sh\n");
        Text(view, "/abs/../../../../etc/hostname").ShouldBeNullOrEmpty();
        Should.Throw<Sampan.Linux.LinuxException>(() => view.Stat("/loop")).Errno.ShouldBe(Sampan.Linux.Errno.ELOOP);
        view.Stat("/loop", followLast: false)!.Value.Kind.ShouldBe(FileKind.SymbolicLink);
        view.ReadFile("/null", 100).ShouldBeNull();
        view.ReadFile("/etc", 100).ShouldBeNull();
        Should.Throw<StorageException>(() => view.ReadFile("/etc/passwd", 3)).Message.ShouldContain("more than the 3 allowed");
    }

    [Fact]
    public async Task Directories_are_made_in_the_snapshot_only()
    {
        using (var view = await Prepared())
        {
            view.CreateDirectories("/usr/lib/new/deep", 5, 6);
            view.CreateDirectories("/abs/conf", 7, 8);
            view.CreateDirectories("/gone/again", 0, 0);
            view.CreateDirectories("/etc", 9, 9);
            view.CreateDirectories("/", 9, 9);
        }

        using (var view = Snapshots.OpenView("c1"))
        {
            view.Stat("/usr/lib/new/deep")!.Value.ShouldSatisfyAllConditions(s => s.Kind.ShouldBe(FileKind.Directory), s => (s.Uid, s.Gid).ShouldBe((5u, 6u)), s => ((int)s.Mode).ShouldBe(0x1ed));
            view.Stat("/usr/lib")!.Value.Uid.ShouldBe(12u);
            ((int)view.Stat("/usr/lib")!.Value.Mode).ShouldBe(0x1c0);
            view.Stat("/etc/conf")!.Value.Uid.ShouldBe(7u);
            view.Stat("/etc")!.Value.Uid.ShouldBe(0u);
            Text(view, "/usr/lib/a").ShouldBe("a");
            Text(view, "/gone/x").ShouldBeNull();
            Should.Throw<StorageException>(() => view.CreateDirectories("/etc/passwd/x", 0, 0)).Kind.ShouldBe(StorageError.InvalidInput);
            Should.Throw<StorageException>(() => view.CreateDirectories("/missing/../x", 0, 0)).Kind.ShouldBe(StorageError.InvalidInput);
        }
        await Snapshots.PrepareAsync("c2", _image, CancellationToken.None);
        using var fresh = Snapshots.OpenView("c2");
        fresh.DirectoryExists("/usr/lib/new").ShouldBeFalse();
    }

    [Fact]
    public async Task A_directory_is_copied_out_with_everything()
    {
        using var view = await Prepared();
        Directory.CreateDirectory(In("volume"));

        view.CopyTo("/", In("volume"));

        File.ReadAllText(In("volume/etc/replaced")).ShouldBe("new");
        Directory.Exists(In("volume/gone")).ShouldBeFalse();
        File.Exists(In("volume/opaque/hidden")).ShouldBeFalse();
        new FileInfo(In("volume/lib")).LinkTarget.ShouldBe("usr/lib");
        using var root = DirectoryHandle.Open(In("volume"));
        Stat(root, "setuid").ShouldSatisfyAllConditions(s => ((int)s.Mode).ShouldBe(0x9ed), s => (s.Uid, s.Gid).ShouldBe((1u, 2u)), s => s.ModifiedTime.ShouldBe(new FileTime(1_500_000_000, 987_654_321)));
        Stat(root, "linked").IsSameFile(Stat(root, "other-name")).ShouldBeTrue();
        Stat(root, "null").Device.ShouldBe(new DeviceNumber(1, 3));
        FileStatus.Of(root.Descriptor).ModifiedTime.ShouldBe(view.Stat("/")!.Value.ModifiedTime);

        view.CopyTo("/nowhere", In("volume"));
    }

    [Fact]
    public async Task Mounts_describe_the_root()
    {
        using var _ = await Prepared();

        var mount = Snapshots.Mounts("c1").ShouldHaveSingleItem();

        mount.Destination.ShouldBe("/");
        mount.Type.ShouldBeOneOf("overlay", "bind");
    }

    [Fact]
    public async Task Snapshots_survive_a_restart()
    {
        (await Prepared()).Dispose();

        var again = _open(ImageStoreTests.OpenStore(In("data")));

        again.Keys.ShouldBe(["c1"]);
        using var view = again.OpenView("c1");
        Text(view, "/etc/replaced").ShouldBe("new");
        again.Usage("c1").ShouldBe(Snapshots.Usage("c1"));
    }

    [Fact]
    public async Task Removing_takes_everything_whatever_the_container_left()
    {
        using (var view = await Prepared())
            view.CreateDirectories("/written", 0, 0);
        // A name that is no text, in a directory nobody may enter: rm -r by strings would fail.
        var root = Snapshots.Mounts("c1")[0] is { Type: "bind", Source: { } source } ? source : Snapshots.Describe("c1")["UpperDir"];
        using (var directory = DirectoryHandle.Open(Path.Combine(root, "written")))
        {
            directory.CreateDirectory(new byte[] { 0xff, 0xfe }, 0);
            using var odd = directory.OpenDirectory(new byte[] { 0xff, 0xfe });
            odd.CreateSymbolicLink(Encoding.UTF8.GetBytes(In("data")), "trap"u8);
        }

        Snapshots.Remove("c1");
        Snapshots.Remove("c1");

        Snapshots.Keys.ShouldBeEmpty();
        Directory.GetFileSystemEntries(In("data/snapshots")).ShouldBeEmpty();
        Directory.GetDirectories(In("data/layers")).Length.ShouldBe(2);
        Should.Throw<StorageException>(() => Snapshots.Mounts("c1")).Kind.ShouldBe(StorageError.NotFound);
        Should.Throw<StorageException>(() => Snapshots.OpenView("c1")).Kind.ShouldBe(StorageError.NotFound);
    }

    [Fact]
    public async Task Many_at_once_leave_nothing_behind()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 60), async (i, ct) =>
        {
            var key = $"c{i}";
            await Snapshots.PrepareAsync(key, _image, ct);
            using (var view = Snapshots.OpenView(key))
            {
                view.CreateDirectories("/usr/lib/deep", 1, 1);
                view.ReadFile("/etc/passwd", 1000).ShouldNotBeNull();
            }
            Snapshots.Remove(key);
        });

        Directory.GetFileSystemEntries(In("data/snapshots")).ShouldBeEmpty();
        Directory.GetDirectories(In("data/layers")).Length.ShouldBe(2);
        OpenDescriptors().ShouldBe(0);
    }

    [Fact]
    public async Task A_key_is_taken_once()
    {
        using var _ = await Prepared();

        (await Should.ThrowAsync<StorageException>(() => Snapshots.PrepareAsync("c1", _image, CancellationToken.None))).Kind.ShouldBe(StorageError.Conflict);
    }

    [Fact]
    public async Task What_was_made_ahead_becomes_the_same_and_what_was_not_taken_goes()
    {
        await Snapshots.PrepareAsync("alone", _image, CancellationToken.None);
        Snapshots.MakeAhead("ahead");
        Snapshots.MakeAhead("dropped");
        Snapshots.Keys.ShouldBe(["alone"]);

        await Snapshots.PrepareAsync("ahead", _image, CancellationToken.None);
        Snapshots.Flush("ahead");
        Snapshots.Flush("never-was");
        Snapshots.DropAhead("dropped");
        Snapshots.DropAhead("ahead");

        Directory.GetDirectories(In("data/snapshots")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ShouldBe(["ahead", "alone"]);
        using (var alone = Snapshots.OpenView("alone"))
        using (var ahead = Snapshots.OpenView("ahead"))
        {
            Text(ahead, "/etc/replaced").ShouldBe("new");
            ahead.Stat("/").ShouldNotBeNull().ShouldSatisfyAllConditions(s => s.Mode.ShouldBe(alone.Stat("/")!.Value.Mode), s => s.ModifiedTime.ShouldBe(alone.Stat("/")!.Value.ModifiedTime));
        }

        var again = _open(ImageStoreTests.OpenStore(In("data")));
        again.Keys.Order(StringComparer.Ordinal).ShouldBe(["ahead", "alone"]);
        again.Remove("ahead");
        again.Remove("alone");
        Directory.GetFileSystemEntries(In("data/snapshots")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_image_that_is_gone_cannot_be_used()
    {
        _store.Remove("demo", force: false, noPrune: false, _ => null);

        (await Should.ThrowAsync<StorageException>(() => Snapshots.PrepareAsync("c1", _image, CancellationToken.None))).Kind.ShouldBe(StorageError.NotFound);
        Directory.GetFileSystemEntries(In("data/snapshots")).ShouldBeEmpty();
    }

    private async Task<RootView> Prepared()
    {
        await Snapshots.PrepareAsync("c1", _image, CancellationToken.None);
        return Snapshots.OpenView("c1");
    }

    private protected static string? Text(RootView view, string path) => view.ReadFile(path, 1000) is { } content ? Encoding.UTF8.GetString(content) : null;

    private static FileStatus Stat(DirectoryHandle directory, string name) =>
        directory.TryStat(Encoding.ASCII.GetBytes(name), out var status) ? status : throw new FileNotFoundException(name);
}

public sealed class OverlaySnapshotterTests() : SnapshotterContract(OverlaySnapshotter.Open)
{
    [Fact]
    public async Task The_mount_shows_what_the_view_shows()
    {
        var store = ImageStoreTests.OpenStore(In("data"));
        await Snapshots.PrepareAsync("c1", store.List()[0], CancellationToken.None);
        using (var view = Snapshots.OpenView("c1"))
        {
            view.CreateDirectories("/usr/lib/work", 3, 4);
            view.CreateDirectories("/gone/back", 0, 0);
            Directory.CreateDirectory(In("copy"));
            view.CopyTo("/", In("copy"));
        }
        var options = string.Join(',', Snapshots.Mounts("c1")[0].Options);
        Directory.CreateDirectory(In("mounted"));

        // In a mount namespace of its own: nothing stays behind whatever happens.
        using var compare = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "unshare",
            ["-m", "--propagation", "private", "sh", "-c", $"mount -t overlay overlay -o '{options}' {In("mounted")} && diff -r -x null --no-dereference {In("mounted")} {In("copy")} && for d in {In("mounted")} {In("copy")}; do (cd $d; find . -printf '%p %y %m %U %G %s %T@ %l\\n' | sed -E 's/^(.* d .*) [0-9]+ ([0-9.]+ )$/\\1 \\2/' | sort); done | sort | uniq -u"])
        { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false });
        var output = (await compare!.StandardOutput.ReadToEndAsync()) + (await compare.StandardError.ReadToEndAsync());
        await compare.WaitForExitAsync();

        output.ShouldBeEmpty();
        compare.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task An_opaque_root_leaves_out_the_layers_below()
    {
        var store = ImageStoreTests.OpenStore(In("opaque"));
        var image = new TestImage().Layer(new TestLayer().File("below", "x").ToTar()).Layer(new TestLayer().File(".wh..wh..opq").File("above", "y").ToTar());
        var loaded = await store.LoadAsync(new MemoryStream(image.ToDockerArchive("o")), null, CancellationToken.None);
        var snapshots = OverlaySnapshotter.Open(store);

        await snapshots.PrepareAsync("c", loaded[0].Image, CancellationToken.None);

        using var view = snapshots.OpenView("c");
        view.Stat("/below").ShouldBeNull();
        view.Stat("/above").ShouldNotBeNull();
        snapshots.Mounts("c")[0].Options[0].Split(':').Length.ShouldBe(2);
        snapshots.Mounts("c")[0].Options[0].ShouldEndWith(":" + In("opaque/common"));
    }

    [Fact]
    public async Task What_all_containers_have_is_below_the_image_and_is_no_change()
    {
        var store = ImageStoreTests.OpenStore(In("common"));
        var image = new TestImage().Layer(new TestLayer().Directory("etc/").File("etc/hosts", "the image's").ToTar());
        var loaded = await store.LoadAsync(new MemoryStream(image.ToDockerArchive("o")), null, CancellationToken.None);
        _ = OverlaySnapshotter.Open(store);
        File.Delete(In("common/common/.dockerenv"));
        Directory.Delete(In("common/common/proc"));
        var snapshots = OverlaySnapshotter.Open(store);

        await snapshots.PrepareAsync("c", loaded[0].Image, CancellationToken.None);

        using (var view = snapshots.OpenView("c"))
        {
            Text(view, "/etc/hosts").ShouldBe("the image's");
            foreach (var made in new[] { "/.dockerenv", "/etc/hostname", "/etc/resolv.conf", "/dev/console" })
                view.Stat(made).ShouldNotBeNull(made).ShouldSatisfyAllConditions(s => s.Kind.ShouldBe(FileKind.Regular), s => s.Size.ShouldBe(0), s => ((int)s.Mode).ShouldBe(0x1ed));
            foreach (var made in new[] { "/dev/pts", "/dev/shm", "/proc", "/sys" })
                view.Stat(made).ShouldNotBeNull(made).ShouldSatisfyAllConditions(s => s.Kind.ShouldBe(FileKind.Directory), s => ((int)s.Mode).ShouldBe(0x1ed));
            view.Stat("/etc/mtab", followLast: false).ShouldNotBeNull().Kind.ShouldBe(FileKind.SymbolicLink);
        }

        using var difference = snapshots.OpenDifference("c");
        difference.List(CancellationToken.None).ShouldBeEmpty();

        // An image that is mounted in a container is no root.
        snapshots.Mounts("c")[0].Options[0].ShouldContain(In("common/common"));
        snapshots.ImageMount("c").Options[0].ShouldNotContain(In("common/common"));
    }
}

public sealed class PlainCopySnapshotterTests() : SnapshotterContract(PlainCopySnapshotter.Open);
