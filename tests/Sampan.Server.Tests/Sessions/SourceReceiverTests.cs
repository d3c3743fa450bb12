using System.Text;
using Sampan.Storage;
using Sampan.Storage.Archives;
using Sampan.Storage.Building;

namespace Sampan.Server.Tests.Sessions;

/// <summary>Trees made of what a client lists and sends.</summary>
public sealed class SourceReceiverTests : IDisposable
{
    private const uint File = 0x81a4;
    private const uint Folder = 0x41ed;
    private const uint Link = 0xa1ff;

    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-receiver-").FullName;

    [Fact]
    public void A_tree_has_what_was_listed_and_sent_links_are_not_followed_and_other_names_are_the_same_file()
    {
        using var receiver = Receive([Of("d", Folder), Of("d/a", File, 3), Of("d/b", File, 0, "d/a"), Of("l", Link, 11, "/etc/passwd"), Of("p", 0x1180), Of("s", 0xc1ff), Of("x", 0x89ed, 1)]);
        receiver.Wanted.ShouldBe([(1, 3L), (6, 1L)]);
        foreach (var (number, text) in new[] { (6, "X"), (1, "on"), (1, "e"), (1, ""), (6, "") })
            receiver.Take(number, Encoding.UTF8.GetBytes(text));
        using var tree = receiver.Finish();

        tree.Walk().Select(each => $"{each.Path} {each.Entry.Kind}").ShouldBe(["d Directory", "d/a File", "d/b File", "l SymbolicLink", "p Special", "x File"]);
        tree.Find("d/b")!.ReadAll(10).ShouldBe("one"u8.ToArray());
        tree.Find("l").ShouldBeNull();
    }

    [Fact]
    public void Large_files_come_piece_by_piece_and_small_ones_that_grow_are_refused()
    {
        var piece = new byte[1 << 20];
        Random.Shared.NextBytes(piece);
        using (var receiver = Receive([Of("large", File, 5 << 20), Of("small", File, 1)]))
        {
            for (var i = 0; i < 5; i++)
                receiver.Take(0, piece);
            receiver.Take(0, []);
            receiver.Take(1, "1"u8);
            receiver.Take(1, []);
            using var tree = receiver.Finish();
            tree.Find("large")!.ReadAll(6 << 20).ShouldBe([.. Enumerable.Repeat(piece, 5).SelectMany(bytes => bytes)]);
        }
        using var growing = Receive([Of("small", File, 1)]);
        Should.Throw<StorageException>(() =>
        {
            for (var i = 0; i < 5; i++)
                growing.Take(0, piece);
        }).Message.ShouldContain("it grows while it is sent");
    }

    [Fact]
    public void What_was_not_asked_for_or_has_not_come_is_refused()
    {
        using var receiver = Receive([Of("d", Folder), Of("d/a", File, 3)]);
        foreach (var number in new[] { 0, 2, -1, int.MaxValue })
            Should.Throw<StorageException>(() => receiver.Take(number, "x"u8)).Message.ShouldContain("was not asked for");
        Should.Throw<StorageException>(() => receiver.Finish()).Message.ShouldContain("1 of the client's files have not come");
        receiver.Take(1, []);
        Should.Throw<StorageException>(() => receiver.Take(1, "again"u8)).Message.ShouldContain("was not asked for");
    }

    [Theory]
    [InlineData("is no plain path inside", "../x")]
    [InlineData("is no plain path inside", "/x")]
    [InlineData("is no plain path inside", "a//b")]
    [InlineData("is no plain path inside", "")]
    [InlineData("is no plain path inside", "a\0b")]
    [InlineData("is in no directory of its list", "l/x")]
    [InlineData("is in no directory of its list", "f/x")]
    [InlineData("is twice in the client's list", "f")]
    [InlineData("is twice in the client's list", "l")]
    public void Paths_that_lead_out_through_links_or_come_twice_are_refused(string reason, string path) =>
        Should.Throw<StorageException>(() => Receive([Of("f", File, 0), Of("l", Link, 4, "/etc"), Of(path, File, 0)])).Message.ShouldContain(reason);

    [Fact]
    public void Sizes_kinds_counts_attributes_and_names_of_names_have_limits()
    {
        Should.Throw<StorageException>(() => Receive([Of("f", File, long.MaxValue)])).Message.ShouldContain("as it says");
        Should.Throw<StorageException>(() => Receive([Of("f", File, -1)])).Message.ShouldContain("as it says");
        Should.Throw<StorageException>(() => Receive([.. Enumerable.Range(0, 9).Select(number => Of($"f{number}", File, 200L << 30))])).Message.ShouldContain("bytes, more than");
        Should.Throw<StorageException>(() => Receive([Of("f", 0)])).Message.ShouldContain("of a kind that there is not");
        Should.Throw<StorageException>(() => new SourceReceiver([Of("a", File), Of("b", File)], _directory, ArchiveLimits.Default with { MaxEntries = 1 }, null)).Message.ShouldContain("more than 1 files");
        Should.Throw<StorageException>(() => Receive([Of("f", File) with { Attributes = [new("user.x", new byte[70_000])] }])).Message.ShouldContain("bytes of attributes");
        foreach (var target in new[] { "none", "d", "../f", "/f", "l" })
        {
            using var receiver = Receive([Of("d", Folder), Of("l", Link, 0, "d"), Of("n", File, 0, target)]);
            Should.Throw<StorageException>(() => receiver.Finish(), target).Message.ShouldContain("is said to be another name");
        }
    }

    [Fact]
    public void What_is_known_from_before_need_not_come_again()
    {
        using var kept = new KeptContents(_directory);
        for (var round = 0; round < 2; round++)
        {
            var offered = new OfferedContext(kept, [new("a", "1"), new("b", round == 0 ? "1" : "2"), new("young", "")]);
            using var receiver = new SourceReceiver([Of("a", File, 1), Of("b", File, 1), Of("young", File, 1)], _directory, ArchiveLimits.Default, offered);
            receiver.Wanted.Select(file => file.Number).ShouldBe(round == 0 ? [0, 1, 2] : [1, 2]);
            foreach (var (number, _) in receiver.Wanted.ToList())
            {
                receiver.Take(number, Encoding.UTF8.GetBytes($"{round}"));
                receiver.Take(number, []);
            }
            using var tree = receiver.Finish();
            string.Concat(tree.Walk().Select(each => Encoding.UTF8.GetString(each.Entry.ReadAll(1)))).ShouldBe(round == 0 ? "000" : "011");
        }
        // Of another size it is another file.
        using var other = new SourceReceiver([Of("a", File, 2)], _directory, ArchiveLimits.Default, new OfferedContext(kept, [new("a", "1")]));
        other.Wanted.ShouldBe([(0, 2L)]);
    }

    [Fact]
    public void A_list_of_a_tree_makes_the_same_tree_again()
    {
        using var receiver = Receive([Of("a", Folder), Of("a/x", File, 1), Of("a.b", File, 0, "a/x"), Of("l", Link, 1, "a")]);
        receiver.Take(1, "x"u8);
        receiver.Take(1, []);
        using var tree = receiver.Finish();

        var list = SourceListing.Of(tree.Root, TestContext.Current.CancellationToken);

        list.Select(each => Encoding.UTF8.GetString(each.File.Path.Span)).ShouldBe(["a", "a/x", "a.b", "l"]);
        Encoding.UTF8.GetString(list[2].File.Target.Span).ShouldBe("a/x");
        using var again = Receive([.. list.Select(each => each.File)]);
        again.Take(1, "x"u8);
        again.Take(1, []);
        using var copy = again.Finish();
        SourceTree.Checksum(copy.Root).ShouldBe(SourceTree.Checksum(tree.Root));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private SourceReceiver Receive(IReadOnlyList<ReceivedFile> files) => new(files, _directory, ArchiveLimits.Default, null);

    private static ReceivedFile Of(string path, uint mode, long size = 0, string target = "") => new(Encoding.UTF8.GetBytes(path), mode) { Size = size, Target = Encoding.UTF8.GetBytes(target) };
}
