using Sampan.Oci.Images;
using Sampan.Storage.Content;

namespace Sampan.Storage.Tests.Content;

/// <summary>Blobs, whichever way they are written.</summary>
public sealed class BlobIngestTests : IDisposable
{
    private const int Block = 1 << 20;

    private readonly TemporaryDirectory _root = new();

    public static TheoryData<int, bool> Lengths
    {
        get
        {
            var lengths = new TheoryData<int, bool>();
            foreach (var length in new[] { 0, 1, Block - 1, Block, Block + 1, (3 * Block) + 4097 })
            {
                lengths.Add(length, true);
                lengths.Add(length, false);
            }
            return lengths;
        }
    }

    [Theory, MemberData(nameof(Lengths))]
    public void A_blob_has_the_bytes_that_were_written(int length, bool isReadSoon)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        var store = ContentStore.Open(_root["data"]);

        Digest digest;
        using (var ingest = store.Begin(isReadSoon))
        {
            for (var at = 0; at < length; at += 70_001)
                ingest.Write(content.AsSpan(at, Math.Min(70_001, length - at)));
            digest = ingest.Commit(Digest.Of(content));
            ingest.Length.ShouldBe(length);
        }
        store.Flush([]);

        using var stream = store.OpenRead(digest);
        var read = new byte[length + 1];
        stream.ReadAtLeast(read, read.Length, throwOnEndOfStream: false).ShouldBe(length);
        read.AsSpan(0, length).SequenceEqual(content).ShouldBeTrue();
    }

    [Fact]
    public void What_was_removed_before_it_was_flushed_is_told_to_who_needs_it()
    {
        var store = ContentStore.Open(_root["data"]);
        var (gone, stays) = (store.Put([1]), store.Put([2]));
        store.Remove(gone);
        store.Flush([stays]);
        var lost = Should.Throw<StorageException>(() => store.Flush([stays, gone]));
        lost.Kind.ShouldBe(StorageError.NotFound);
        lost.Message.ShouldBe($"blob '{gone}' was removed from the store while an image was made of it: do the same again");

        store.Put([1]).ShouldBe(gone);
        store.Flush([stays, gone]);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(10, false)]
    [InlineData(3 * Block, false)]
    public void One_that_is_not_what_was_expected_leaves_nothing(int length, bool isReadSoon)
    {
        var store = ContentStore.Open(_root["data"]);

        using (var ingest = store.Begin(isReadSoon))
        {
            ingest.Write(new byte[length]);
            Should.Throw<StorageException>(() => ingest.Commit(Digest.Of("other"u8))).Kind.ShouldBe(StorageError.Corrupt);
        }

        store.List().ShouldBeEmpty();
        Directory.EnumerateFiles(Path.Combine(_root["data"], "content", "ingest")).ShouldBeEmpty();
    }

    [Fact]
    public void Many_are_flushed_together_and_one_that_went_meanwhile_is_no_error()
    {
        var store = ContentStore.Open(_root["data"]);
        var digests = Enumerable.Range(0, 20).Select(i => store.Put([(byte)i])).ToList();
        store.Remove(digests[3]);

        store.Flush([]);

        digests.Count(store.Contains).ShouldBe(19);
    }

    public void Dispose() => _root.Dispose();
}
