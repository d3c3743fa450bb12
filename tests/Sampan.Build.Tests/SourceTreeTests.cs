using System.Formats.Tar;
using System.Text;
using Sampan.Storage;
using Sampan.Storage.Archives;
using Sampan.Storage.Building;
using TarEntry = System.Formats.Tar.TarEntry;
using TarReader = System.Formats.Tar.TarReader;
using TarWriter = System.Formats.Tar.TarWriter;

namespace Sampan.Build.Tests;

/// <summary>Contexts and what is copied of them, without a daemon.</summary>
public sealed class SourceTreeTests : IDisposable
{
    private readonly string _spool = Directory.CreateTempSubdirectory("sampan-spool-").FullName;

    [Fact]
    public void Links_are_followed_inside_and_never_lead_out()
    {
        using var tree = Read(File("d/f", "x"), Link("in", "d"), Link("out", "/etc"), Link("up", "../../d"), Link("loop", "loop"));
        tree.Find("in/f")!.ReadAll(10).ShouldBe("x"u8.ToArray());
        tree.Find("/up/f").ShouldNotBeNull();
        tree.Find("out/passwd").ShouldBeNull();
        Should.Throw<StorageException>(() => tree.Find("loop"));
        tree.Find("in", followLast: false)!.Kind.ShouldBe(SourceKind.SymbolicLink);
    }

    [Fact]
    public void Checksums_heed_names_contents_and_permissions_but_no_times()
    {
        var first = Sum(File("a", "x"), File("b", "y"));
        Sum(File("a", "x", time: 5), File("b", "y", time: 9)).ShouldBe(first);
        Sum(File("b", "y"), File("a", "x")).ShouldBe(first);
        Sum(File("a", "y"), File("b", "x")).ShouldNotBe(first);
        Sum(File("a", "x"), File("b", "y", mode: 0x1ff)).ShouldNotBe(first);
        Sum(File("a", "x"), Link("b", "y")).ShouldNotBe(first);
    }

    [Fact]
    public void Names_with_newlines_and_a_hundred_thousand_entries_are_only_names()
    {
        using var tree = Read([File("a\nb", "x"), .. Enumerable.Range(0, 100_000).Select(i => File($"many/{i}", ""))]);
        tree.Find("a\nb").ShouldNotBeNull();
        tree.Count.ShouldBe(100_002);
    }

    [Fact]
    public void A_layer_has_its_names_in_order_and_hard_links_once()
    {
        using var tree = Read(File("z", "same"), new PaxTarEntry(TarEntryType.HardLink, "a") { LinkName = "z" });
        using var draft = new LayerDraft(null, DateTimeOffset.UnixEpoch);
        draft.CopyContent(tree.Root, "/to/here", new CopyLooks { Owner = (7, 8) });
        draft.HasChanges.ShouldBeTrue();
        Entries(draft).ShouldBe(["to/ Directory 7 8", "to/here/ Directory 7 8", "to/here/a RegularFile 7 8", "to/here/z HardLink 7 8"]);
    }

    [Fact]
    public void A_file_does_not_take_the_place_of_a_directory_nor_the_other_way_round()
    {
        using var tree = Read(File("f", "x"), File("d/g", "y"));
        using var draft = new LayerDraft(null, DateTimeOffset.UnixEpoch);
        draft.CopyContent(tree.Root, "/", CopyLooks.AsTheyAre);
        Should.Throw<StorageException>(() => draft.Copy(tree.Find("f")!, "/d", CopyLooks.AsTheyAre)).Message.ShouldContain("cannot overwrite directory with non-directory");
        Should.Throw<StorageException>(() => draft.CopyContent(tree.Find("d")!, "/f", CopyLooks.AsTheyAre)).Message.ShouldContain("cannot copy to non-directory");
    }

    [Fact]
    public void Only_archives_are_archives()
    {
        using var packed = new MemoryStream();
        using (var tar = new TarWriter(packed, leaveOpen: true))
            tar.WriteEntry(File("x", "y"));
        IsArchive(packed.ToArray()).ShouldBeTrue();
        IsArchive(new byte[2048]).ShouldBeFalse();
        IsArchive(Encoding.UTF8.GetBytes(new string('x', 5000))).ShouldBeFalse();
        IsArchive([0x1f, 0x8b, 8, 0, 0, 0]).ShouldBeFalse();
        IsArchive([]).ShouldBeFalse();
    }

    public void Dispose() => Directory.Delete(_spool, recursive: true);

    private static bool IsArchive(byte[] content) => SourceTree.IsArchive(SourceTree.List(SourceTree.Of(("file", content, UnixFileMode.UserRead, null)).Root).Single());

    private byte[] Sum(params TarEntry[] entries)
    {
        using var tree = Read(entries);
        return SourceTree.Checksum(tree.Root);
    }

    private SourceTree Read(params TarEntry[] entries)
    {
        using var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in entries)
                tar.WriteEntry(entry);
        }
        archive.Position = 0;
        return SourceTree.ReadArchive(archive, _spool, ArchiveLimits.Default, asRoot: true, TestContext.Current.CancellationToken);
    }

    private static List<string> Entries(LayerDraft draft)
    {
        using var layer = new MemoryStream();
        draft.WriteTo(layer, null, TestContext.Current.CancellationToken);
        layer.Position = 0;
        using var reader = new TarReader(layer);
        var entries = new List<string>();
        while (reader.GetNextEntry() is { } entry)
            entries.Add($"{entry.Name} {entry.EntryType} {entry.Uid} {entry.Gid}");
        return entries;
    }

    private static PaxTarEntry File(string name, string content, int mode = 0x1a4, long time = 1) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)), Mode = (UnixFileMode)mode, ModificationTime = DateTimeOffset.FromUnixTimeSeconds(time) };

    private static PaxTarEntry Link(string name, string target) => new(TarEntryType.SymbolicLink, name) { LinkName = target };
}
