using System.Text;
using Sampan.Storage.Records;

namespace Sampan.Storage.Tests.Records;

public sealed class RecordAheadTests : IDisposable
{
    private const int Block = 4096;

    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_record_finds_what_was_made_ahead(bool flushed, bool durable)
    {
        var records = Open();
        records.MakeAhead("one", "upper", "work");
        if (flushed)
            records.FlushAhead("one");
        Entries().ShouldBe([".ahead-one"]);

        records.Save("one", new Note("hé", 1), durable);

        Entries().ShouldBe(["one"]);
        Entries("one").ShouldBe(["note.json", "upper", "work"]);
        new FileInfo(_temporary["records/one/note.json"]).Length.ShouldBe(2 * Block, "the file that was there");
        Open().Find("one").ShouldBe(new Note("hé", 1));
        records.Save("one", new Note("new", 2), durable);
        new FileInfo(_temporary["records/one/note.json"]).Length.ShouldBeLessThan(100, "written as ever");
        Open().Scan().Records.ShouldBe([new StoredRecord<Note>("one", new Note("new", 2))]);
    }

    [Fact]
    public void Only_the_owner_reads_what_was_made_ahead()
    {
        Open().MakeAhead("one");
        File.GetUnixFileMode(_temporary["records/.ahead-one"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.GetUnixFileMode(_temporary["records/.ahead-one/note.json"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void A_record_longer_than_its_room_is_written_as_ever()
    {
        var records = Open();
        records.MakeAhead("one");
        records.FlushAhead("one");
        var note = new Note(new string('x', 3 * Block), 1);

        records.Save("one", note, durable: true);

        Open().Find("one").ShouldBe(note);
        Entries("one").ShouldBe(["note.json"]);
    }

    [Fact]
    public void What_a_dead_process_made_ahead_goes_with_the_next_scan()
    {
        var records = Open();
        records.MakeAhead("nobodys", "upper");
        records.MakeAhead("prepared", "upper");
        records.Prepare("prepared");

        Open().Unfinished().Order(StringComparer.Ordinal).ShouldBe(["nobodys", "prepared"]);
        Open().Scan().Records.ShouldBeEmpty();

        Entries().ShouldBeEmpty();
    }

    [Fact]
    public void A_record_whose_directory_lost_its_name_to_a_power_cut_is_found()
    {
        var records = Open();
        records.MakeAhead("one", "upper");
        records.FlushAhead("one");
        records.Save("one", new Note("x", 1), durable: true);
        Directory.Move(_temporary["records/one"], _temporary["records/.ahead-one"]);

        Open().Unfinished().ShouldBeEmpty();
        Directory.Move(_temporary["records/one"], _temporary["records/.ahead-one"]);

        var scan = Open().Scan();
        scan.Records.ShouldBe([new StoredRecord<Note>("one", new Note("x", 1))]);
        scan.Damaged.ShouldBeEmpty();
        Entries("one").ShouldBe(["note.json", "upper"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_record_of_which_a_power_cut_left_one_block_was_never_told_of(int lost)
    {
        var records = Open();
        records.MakeAhead("one");
        var before = File.ReadAllBytes(_temporary["records/.ahead-one/note.json"]);
        records.Save("one", new Note(new string('x', Block), 1), durable: true);
        using (var file = new FileStream(_temporary["records/one/note.json"], FileMode.Open))
        {
            file.Position = lost * Block;
            file.Write(before, lost * Block, Block);
        }

        Open().Unfinished().ShouldBe(["one"]);
        Open().Find("one").ShouldBeNull();
        var scan = Open().Scan();
        scan.Records.ShouldBeEmpty();
        scan.Damaged.ShouldBeEmpty();
        Entries().ShouldBeEmpty();
    }

    [Fact]
    public void A_damaged_record_of_the_same_length_is_told_and_kept()
    {
        Open().Save("one", new Note("x", 1), durable: false);
        File.WriteAllText(_temporary["records/one/note.json"], new string('\0', 2 * Block));

        Open().Unfinished().ShouldBeEmpty();
        Open().Scan().Damaged.ShouldHaveSingleItem().Key.ShouldBe("one");
        Entries().ShouldBe(["one"]);
    }

    [Fact]
    public void What_is_dropped_is_gone_and_what_was_prepared_stays()
    {
        var records = Open();
        records.MakeAhead("gone", "upper");
        records.MakeAhead("stays");
        records.Prepare("stays");

        records.DropAhead("gone");
        records.DropAhead("stays");
        records.DropAhead("never was");

        Entries().ShouldBe(["stays"]);
        records.Save("stays", new Note("x", 1), durable: true);
        Open().Find("stays").ShouldBe(new Note("x", 1));
    }

    [Fact]
    public void What_was_saved_can_be_flushed_later_unless_it_is_gone()
    {
        var records = Open();
        records.Save("one", new Note("x", 1), durable: false);
        Directory.CreateDirectory(_temporary["records/half-made"]);

        records.Flush("one");
        records.Flush("half-made");
        records.Flush("never-was");

        Open().Find("one").ShouldBe(new Note("x", 1));
    }

    [Fact]
    public void What_somebody_removed_meanwhile_is_made_again()
    {
        var records = Open();
        records.MakeAhead("one");
        Directory.Delete(_temporary["records/.ahead-one"], recursive: true);

        records.Save("one", new Note("x", 1), durable: true);

        Open().Find("one").ShouldBe(new Note("x", 1));
    }

    [Fact]
    public void What_cannot_be_made_is_told_and_dropped()
    {
        var records = Open();
        records.MakeAhead("one");
        Should.Throw<StorageException>(() => records.MakeAhead("one")).Kind.ShouldBe(StorageError.Refused);
        records.DropAhead("one");
        Should.Throw<StorageException>(() => records.FlushAhead("one")).Kind.ShouldBe(StorageError.Refused);
        Entries().ShouldBeEmpty();
    }

    [Fact]
    public void A_file_that_nobody_filled_says_so()
    {
        Open().MakeAhead("one");
        Encoding.UTF8.GetString(File.ReadAllBytes(_temporary["records/.ahead-one/note.json"])).ShouldContain("made ahead: nobody's yet");
    }

    private RecordDirectory<Note> Open() => new(_temporary["records"], "note.json", 1, NoteJson.Default.Note);

    private string[] Entries(string below = "") =>
        [.. Directory.GetFileSystemEntries(_temporary["records/" + below]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
