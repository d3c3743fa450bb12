using Sampan.Linux.Files;
using Sampan.Storage.Images.Changes;
using Sampan.Storage.Trees;

namespace Sampan.Kernel.Tests.Storage;

public abstract partial class SnapshotterContract
{
    [Fact]
    public async Task A_snapshot_that_nobody_wrote_to_has_no_difference()
    {
        (await Prepared()).Dispose();

        Difference().ShouldBeEmpty();
        LayerNames().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_added_changed_and_deleted_is_told_parents_first()
    {
        await ChangedAsync();

        Difference().ShouldBe(
        [
            "C /becomes-dir", "D /becomes-dir/in", "C /etc", "A /etc/fresh", "D /etc/passwd", "C /etc/replaced", "A /made", "A /made/deep", "A /made/deep/file",
            "C /opaque", "D /opaque/shown", "C /setuid",
        ]);
    }

    [Fact]
    public async Task A_committed_difference_gives_the_same_files_again()
    {
        await ChangedAsync();
        var commit = new ImageCommit { Defaults = new(), Message = "changes", Author = "me", CreatedBy = "sh" };

        var image = await _store.CommitAsync(_image.Id, tar =>
        {
            using var difference = Snapshots.OpenDifference("c1");
            difference.WriteTo(tar, CancellationToken.None);
        }, commit, CancellationToken.None);
        await Snapshots.PrepareAsync("c2", image, CancellationToken.None);

        image.Parent.ShouldBe(_image.Id);
        image.DiffIds.Count.ShouldBe(3);
        image.Config.History[^1].ShouldSatisfyAllConditions(step => step.Comment.ShouldBe("changes"), step => step.Author.ShouldBe("me"), step => step.EmptyLayer.ShouldBeFalse());
        Exported("c2").ShouldBe(Exported("c1"));
        using var view = Snapshots.OpenView("c2");
        ((int)view.Stat("/setuid")!.Value.Mode).ShouldBe(0x1ed);
        view.Stat("/made/deep/file")!.Value.ModifiedTime.ShouldBe(new FileTime(1_600_000_000, 123_456_789));
    }

    [Fact]
    public async Task Committing_nothing_makes_no_layer()
    {
        (await Prepared()).Dispose();

        var image = await _store.CommitAsync(_image.Id, tar =>
        {
            using var difference = Snapshots.OpenDifference("c1");
            difference.WriteTo(tar, CancellationToken.None);
        }, new ImageCommit { Defaults = new() { Cmd = ["other"] } }, CancellationToken.None);

        image.DiffIds.ShouldBe(_image.DiffIds);
        image.Config.History[^1].EmptyLayer.ShouldBeTrue();
        image.Config.Config.Cmd.ShouldBe(["other"]);
    }

    [Fact]
    public async Task An_export_has_every_file_once_with_its_links()
    {
        (await Prepared()).Dispose();

        var names = Exported("c1");

        names.ShouldContain("etc/replaced");
        names.ShouldNotContain("etc/deleted");
        names.ShouldNotContain("opaque/hidden");
        names.ShouldContain("lib");
        names.Count.ShouldBe(names.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Mounts_show_in_the_tree_of_a_container_that_does_not_run_and_nothing_stays_mounted()
    {
        (await Prepared()).Dispose();
        Directory.CreateDirectory(In("volume/sub"));
        File.WriteAllText(In("volume/sub/file"), "in the volume");
        File.WriteAllText(In("hosts"), "127.0.0.1 here");

        using (var tree = Snapshots.OpenTree("c1", [new TreeMount(In("volume"), "/lib/vol"), new TreeMount(In("hosts"), "/etc/hosts")]))
        {
            // /lib leads to /usr/lib.
            tree.Stat("/usr/lib/vol/sub/file").ShouldNotBeNull().Size.ShouldBe(13);
            tree.Stat("/usr/lib/vol/../a").ShouldNotBeNull();
            tree.Stat("/etc/hosts").ShouldNotBeNull().Size.ShouldBe(14);
            tree.Stat("/etc/replaced").ShouldNotBeNull();
            tree.Stat("/abs/passwd").ShouldNotBeNull();
            tree.Stat("/etc/passwd/x").ShouldBeNull();
            tree.Extract("/lib/vol", new MemoryStream(new TestLayer().File("sub/new", "n").ToTar()), new ExtractOptions(), CancellationToken.None);
            tree.Extract("/etc", new MemoryStream(new TestLayer().File("passwd", "mine").ToTar()), new ExtractOptions(), CancellationToken.None);
        }

        File.ReadAllText(In("volume/sub/new")).ShouldBe("n");
        using var view = Snapshots.OpenView("c1");
        Text(view, "/etc/passwd").ShouldBe("mine");
        File.ReadAllText("/proc/self/mountinfo").ShouldNotContain(Home);
    }

    private async Task ChangedAsync()
    {
        (await Prepared()).Dispose();
        using var tree = Snapshots.OpenTree("c1", []);
        var time = new FileTime(1_600_000_000, 123_456_789);
        tree.Extract(
            "/",
            new MemoryStream(new TestLayer().File("etc/replaced", "newer").File("etc/fresh", "f").Directory("made/", time: time).Directory("made/deep/", time: time).File("made/deep/file", "x", time: time).ToTar()),
            new ExtractOptions(),
            CancellationToken.None);
        tree.Remove("/etc/passwd");
        tree.Remove("/opaque/shown");
        tree.Remove("/becomes-dir/in");
        tree.Extract("/", new MemoryStream(new TestLayer().File("setuid", "s", 0x1ed, 1, 2, new FileTime(1_500_000_000, 987_654_321)).ToTar()), new ExtractOptions(), CancellationToken.None);
    }

    private List<string> Difference()
    {
        using var difference = Snapshots.OpenDifference("c1");
        return [.. difference.List(CancellationToken.None).Select(change => $"{"CAD"[(int)change.Kind]} {change.Path}")];
    }

    private List<string> LayerNames()
    {
        using var difference = Snapshots.OpenDifference("c1");
        using var tar = new MemoryStream();
        difference.WriteTo(tar, CancellationToken.None);
        return [.. TestLayer.ReadTar(tar.ToArray()).Keys];
    }

    private List<string> Exported(string key)
    {
        using var view = Snapshots.OpenView(key);
        using var tar = new MemoryStream();
        view.WriteTo(tar, CancellationToken.None);
        return [.. TestLayer.ReadTar(tar.ToArray()).Keys];
    }
}
