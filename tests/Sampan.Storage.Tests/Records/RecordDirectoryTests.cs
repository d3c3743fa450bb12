using System.Text.Json.Serialization;
using Sampan.Storage.Records;

namespace Sampan.Storage.Tests.Records;

public sealed record Note(string Text, int Number);

[JsonSerializable(typeof(Note))]
internal sealed partial class NoteJson : JsonSerializerContext;

public sealed class RecordDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_saved_record_is_found_again_by_another_instance(bool durable)
    {
        Open().Save("one", new Note("hé", 1), durable);
        Open().Save("one", new Note("new", 2), durable);

        Open().Find("one").ShouldBe(new Note("new", 2));
        Open().Scan().Records.ShouldBe([new StoredRecord<Note>("one", new Note("new", 2))]);
        Directory.GetFiles(_temporary["records/one"]).Length.ShouldBe(1);
    }

    [Fact]
    public void Directories_are_only_the_owners()
    {
        Open().Save("one", new Note("x", 1), durable: false);

        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.GetUnixFileMode(_temporary["records"]).ShouldBe(OwnerOnly);
        File.GetUnixFileMode(_temporary["records/one"]).ShouldBe(OwnerOnly);
        File.GetUnixFileMode(_temporary["records/one/note.json"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void Removing_takes_the_directory_with_all_files_and_says_whether_it_was_there()
    {
        var records = Open();
        records.Save("one", new Note("x", 1), durable: false);
        File.WriteAllText(Path.Combine(records.DirectoryOf("one"), "log"), "line");

        records.Remove("one").ShouldBeTrue();

        records.Find("one").ShouldBeNull();
        records.Remove("one").ShouldBeFalse();
        Directory.GetFileSystemEntries(_temporary["records"]).ShouldBeEmpty();
    }

    [Fact]
    public void A_scan_finishes_what_a_crash_interrupted()
    {
        var records = Open();
        records.Save("whole", new Note("x", 1), durable: false);
        File.WriteAllText(Path.Combine(records.Prepare("half-made"), ".note.json.1-1.tmp"), "{");
        Directory.CreateDirectory(_temporary["records/.removing-gone/deep"]);

        var scan = records.Scan();

        scan.Records.Select(r => r.Key).ShouldBe(["whole"]);
        scan.Damaged.ShouldBeEmpty();
        Directory.GetFileSystemEntries(_temporary["records"]).ShouldBe([_temporary["records/whole"]]);
    }

    [Theory]
    [InlineData("{\"schema\":1}", "it has no record")]
    [InlineData("[]", "it has no schema version")]
    [InlineData("{\"schema\":1,\"record\":null}", "its record is null")]
    [InlineData("{\"schema\":1,\"record\":{\"Number\":\"x\"}}", "damaged")]
    [InlineData("{\"schema\":9,\"record\":{}}", "schema version 9 is newer than this engine's 1")]
    public void A_damaged_record_is_told_and_kept(string content, string reason)
    {
        var records = Open();
        records.Save("good", new Note("x", 1), durable: false);
        File.WriteAllText(Path.Combine(records.Prepare("damaged"), "note.json"), content);

        var scan = records.Scan();

        scan.Records.Count.ShouldBe(1);
        scan.Damaged.ShouldHaveSingleItem().Reason.ShouldContain(reason);
        File.Exists(_temporary["records/damaged/note.json"]).ShouldBeTrue();
        Should.Throw<StorageException>(() => records.Find("damaged")).Kind.ShouldBe(StorageError.Corrupt);
    }

    [Fact]
    public void An_empty_record_is_a_first_one_that_nobody_was_told_of()
    {
        var records = Open();
        File.WriteAllText(Path.Combine(records.Prepare("begun"), "note.json"), "");

        records.Find("begun").ShouldBeNull();
        var scan = records.Scan();

        scan.Records.ShouldBeEmpty();
        scan.Damaged.ShouldBeEmpty();
        Directory.Exists(_temporary["records/begun"]).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    public void A_key_that_is_no_plain_name_is_refused(string key) =>
        Should.Throw<StorageException>(() => Open().Find(key)).Kind.ShouldBe(StorageError.InvalidInput);

    private RecordDirectory<Note> Open() => new(_temporary["records"], "note.json", 1, NoteJson.Default.Note);
}
